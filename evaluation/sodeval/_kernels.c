/* The inner loops of sodeval for 8-bit maps.
 *
 * Eight functions, each with a numpy twin in numpy_kernels.py that returns the same:
 *
 *   expand_bits       black and white pixels from packed bits
 *   is_grey           whether a mask has levels between black and its highest
 *   mask_moments      area, centroid and bounding box of a mask
 *   distance_field    the ground truth's share of the weighted F-measure, once for all methods
 *   joint_histogram   quadrant x mask x level, from which all other measures follow
 *   level_scores      those measures
 *   weighted_errors   the two sums of the weighted F-measure
 *   trace_curves      precision, recall, F and E at every threshold
 *
 * Images are contiguous, row by row. A mask holds 0 and 1 alone. Sums run over a fixed number of lanes in
 * a fixed order and the file is compiled without contraction of multiply and add, so that every
 * processor gets the same bits.
 */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030b0000
#include <Python.h>

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__FAST_MATH__) || defined(_M_FP_FAST)
#error "sums must come out the same everywhere: compile without -ffast-math or /fp:fast"
#endif

#if defined(_MSC_VER) && !defined(__clang__)
#define restrict __restrict /* C11's own needs a switch there */
#endif

#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 9
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE /* the same results, with the narrower instructions that every such processor has */
#endif

#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline)) /* so that WIDE reaches into it */
#else
#define INLINE static inline
#endif

#define LEVELS 256
#define LANES 8
#define REPEATED 0x0101010101010101u /* a byte, eight times */

typedef struct {
    Py_ssize_t height, width;
} Size;

static uint64_t load8(const void *from)
{
    uint64_t word;
    memcpy(&word, from, sizeof word);
    return word;
}

static double add_lanes(const double lane[LANES])
{
    return ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

/* ---- expand_bits --------------------------------------------------------------------------------- */

/* The pixels of each byte: its bits from the highest down, black where 0, white where 1. */
static void write_bytes(uint8_t pixels[LEVELS][8])
{
    for (int byte = 0; byte < LEVELS; byte++)
        for (int i = 0; i < 8; i++)
            pixels[byte][i] = byte >> (7 - i) & 1 ? 255 : 0;
}

static void expand_rows(const uint8_t *restrict packed, Size size, uint8_t *restrict levels)
{
    uint8_t pixels[LEVELS][8];
    const Py_ssize_t whole = size.width / 8, rest = size.width % 8;
    write_bytes(pixels);
    for (Py_ssize_t y = 0; y < size.height; y++, packed += whole + (rest > 0), levels += size.width) {
        for (Py_ssize_t x = 0; x < whole; x++)
            memcpy(levels + 8 * x, pixels[packed[x]], 8);
        if (rest)
            memcpy(levels + 8 * whole, pixels[packed[whole]], (size_t)rest);
    }
}

/* ---- is_grey ------------------------------------------------------------------------------------- */

WIDE static uint8_t find_highest(const uint8_t *levels, Py_ssize_t count)
{
    uint8_t highest = 0;
    for (Py_ssize_t x = 0; x < count; x++)
        highest = levels[x] > highest ? levels[x] : highest;
    return highest;
}

/* Whether a level lies between 0 and the highest; 0 wraps around to the top, so one comparison does. */
WIDE static int has_between(const uint8_t *levels, Py_ssize_t count, uint8_t highest)
{
    const uint8_t span = (uint8_t)(highest - 1);
    uint8_t found = 0;
    for (Py_ssize_t x = 0; x < count; x++)
        found |= (uint8_t)(levels[x] - 1) < span;
    return found;
}

/* ---- mask_moments -------------------------------------------------------------------------------- */

typedef struct {
    int64_t area, sum_y, sum_x;
    Py_ssize_t top, left, bottom, right; /* the box; bottom and right are one past its end */
} Moments;

#define ROWS_A_BAND 255 /* so many marks of a column fit into a byte */

/* The product's top byte is the sum of the word's bytes, of at most 31 words at a time. */
WIDE static int64_t count_row(const uint8_t *row, Py_ssize_t width)
{
    int64_t count = 0;
    Py_ssize_t x = 0;
    while (x + 32 <= width) {
        uint64_t lane[4] = {0};
        for (int i = 0; i < 31 / 4 && x + 32 <= width; i++, x += 32)
            for (int j = 0; j < 4; j++)
                lane[j] += load8(row + x + 8 * j);
        count += (int64_t)((lane[0] + lane[1] + lane[2] + lane[3]) * REPEATED >> 56);
    }
    for (; x < width; x++)
        count += row[x];
    return count;
}

WIDE static void add_to_band(const uint8_t *restrict row, uint8_t *restrict band, Py_ssize_t width)
{
    for (Py_ssize_t x = 0; x < width; x++)
        band[x] = (uint8_t)(band[x] + row[x]);
}

WIDE static void add_band(uint8_t *restrict band, uint32_t *restrict column, Py_ssize_t width)
{
    for (Py_ssize_t x = 0; x < width; x++)
        column[x] += band[x];
    memset(band, 0, (size_t)width);
}

/* `column` and `band` are of the mask's width, and 0. */
static Moments sum_moments(const uint8_t *mask, Size size, uint32_t *column, uint8_t *band)
{
    Moments sums = {0, 0, 0, size.height, size.width, 0, 0};
    for (Py_ssize_t y = 0; y < size.height; y++) {
        const uint8_t *row = mask + y * size.width;
        int64_t count = count_row(row, size.width);
        if ((y + 1) % ROWS_A_BAND == 0)
            add_band(band, column, size.width);
        if (!count)
            continue;
        add_to_band(row, band, size.width);
        sums.area += count;
        sums.sum_y += count * y;
        sums.top = y < sums.top ? y : sums.top;
        sums.bottom = y + 1;
    }
    add_band(band, column, size.width);
    for (Py_ssize_t x = 0; x < size.width; x++) {
        if (!column[x])
            continue;
        sums.sum_x += (int64_t)column[x] * x;
        sums.left = x < sums.left ? x : sums.left;
        sums.right = x + 1;
    }
    return sums;
}

/* ---- distance_field ------------------------------------------------------------------------------ */

/* The squared distance of pixel x of a row is the least of rise(c) + (x - c)^2 over the columns c, where
 * rise(c) is the squared distance to the object within the column. A key holds that sum and, in its last
 * bits, which way and how far it is from x to c. The least key so gives the distance and names the nearest
 * column: of several the leftmost, as SciPy does.
 *
 * As x moves right, its nearest column never moves left. So a stretch of pixels needs to try only the
 * columns from the one nearest to its first pixel to the one nearest to the next stretch's. They are tried
 * on all pixels of the stretch at once: on outlines of real objects, where almost every column is nearest
 * to some pixel, that is quicker than to sort out first which ones are, as the usual algorithms do. */
#define STRETCH 32
#define MAX_DISTANCE 255
#define MAX_AWAY (MAX_DISTANCE + STRETCH) /* from a pixel of a stretch to a column tried on it */
#define AWAY_BITS 10
#define AWAY_ZERO 512
#define ONE (1 << AWAY_BITS) /* the key's unit of squared distance */

typedef struct {
    Size size;
    int32_t distance;               /* the longest that counts */
    uint16_t *square;               /* height x width, the result: squared distances, at most distance^2 */
    int32_t reach;                  /* up to this squared distance a background pixel is near and listed: */
    int32_t *near_at, *near_from; /* where it is, and the salient pixel nearest to it */
    Py_ssize_t room, count;         /* how many can be listed, and how many there are */

    int32_t right[2 * MAX_AWAY + 1]; /* at MAX_AWAY + k: key of the column k to the right, but for its rise */
    int32_t left[2 * MAX_AWAY + 1];  /* ... of the column k to the left */
    uint8_t *above;                  /* height x width: distance to the object straight up */
    uint8_t *below;                  /* of one row, as all that follows: ... straight down */
    int32_t *rise, *key, *listed;
    uint8_t *is_near;
} Field;

static void write_tables(Field *field)
{
    for (int32_t k = -MAX_AWAY; k <= MAX_AWAY; k++) {
        field->right[MAX_AWAY + k] = k * k * ONE + AWAY_ZERO + k;
        field->left[MAX_AWAY + k] = k * k * ONE + AWAY_ZERO - k;
    }
}

INLINE Py_ssize_t nearest_column(int32_t key, Py_ssize_t x)
{
    return x + (key & (ONE - 1)) - AWAY_ZERO;
}

WIDE static void measure_up(const uint8_t *restrict mask, const uint8_t *restrict row_before,
                            uint8_t *restrict above, Py_ssize_t width, uint8_t distance)
{
    for (Py_ssize_t x = 0; x < width; x++) {
        uint8_t next = (uint8_t)(row_before[x] < distance ? row_before[x] + 1 : distance);
        above[x] = mask[x] ? 0 : next;
    }
}

WIDE static void measure_down(const uint8_t *restrict mask, const uint8_t *restrict above,
                              uint8_t *restrict below, int32_t *restrict rise, Py_ssize_t width,
                              uint8_t distance)
{
    for (Py_ssize_t x = 0; x < width; x++) {
        uint8_t next = (uint8_t)(below[x] < distance ? below[x] + 1 : distance);
        below[x] = next = mask[x] ? 0 : next;
        int32_t least = above[x] < next ? above[x] : next;
        rise[x] = least * least * ONE;
    }
}

/* The column nearest to x, which is `from` or lies right of it. From row to row the distance changes by 1
 * at most, and the keys of the row below are still there: so it is known how far to look. */
INLINE Py_ssize_t find_nearest(const Field *field, Py_ssize_t x, Py_ssize_t from)
{
    Py_ssize_t farthest = (Py_ssize_t)sqrtf((float)(field->key[x] / ONE)) + 1;
    Py_ssize_t end = x + farthest < field->size.width ? x + farthest : field->size.width - 1;
    Py_ssize_t begin = x - farthest > from ? x - farthest : from;
    Py_ssize_t count = (end - begin) / LANES * LANES + LANES; /* a few too many do no harm */
    const int32_t *rise = field->rise + begin, *right = field->right + MAX_AWAY + begin - x;
    int32_t least = INT32_MAX;
    for (Py_ssize_t i = 0; i < count; i++)
        least = rise[i] + right[i] < least ? rise[i] + right[i] : least;
    return nearest_column(least, x);
}

/* Whether a whole stretch lies on the object. */
INLINE int is_salient(const uint8_t *mask)
{
    uint64_t marks = REPEATED;
    for (int i = 0; i < STRETCH; i += 8)
        marks &= load8(mask + i);
    return marks == REPEATED;
}

/* The keys of the stretch that begins at x, whose nearest columns are `first` to `last`. */
INLINE void try_columns(const Field *field, Py_ssize_t x, Py_ssize_t first, Py_ssize_t last)
{
    int32_t least[STRETCH];
    for (int i = 0; i < STRETCH; i++)
        least[i] = INT32_MAX;
    for (Py_ssize_t c = first; c <= last; c++) {
        const int32_t rise = field->rise[c], *left = field->left + MAX_AWAY + x - c;
        for (int i = 0; i < STRETCH; i++)
            least[i] = rise + left[i] < least[i] ? rise + left[i] : least[i];
    }
    memcpy(field->key + x, least, sizeof least); /* the last stretch ends in the padding */
}

WIDE static void find_keys(const Field *field, const uint8_t *mask)
{
    Py_ssize_t width = field->size.width, first = find_nearest(field, 0, 0);
    for (Py_ssize_t x = 0; x < width; x += STRETCH) {
        Py_ssize_t next = x + STRETCH < width ? x + STRETCH : width - 1;
        Py_ssize_t last = mask[next] ? next : find_nearest(field, next, first);
        if (x + STRETCH <= width && is_salient(mask + x))
            for (int i = 0; i < STRETCH; i++)
                field->key[x + i] = AWAY_ZERO; /* each is nearest to itself */
        else
            try_columns(field, x, first, last);
        first = last;
    }
}

WIDE static void read_keys(const int32_t *restrict key, uint16_t reach, uint16_t *restrict square,
                           uint8_t *restrict is_near, Py_ssize_t width)
{
    for (Py_ssize_t x = 0; x < width; x++)
        square[x] = (uint16_t)(key[x] >> AWAY_BITS);
    for (Py_ssize_t x = 0; x < width; x++) /* 0 wraps around: the object is not near */
        is_near[x] = (uint16_t)(square[x] - 1) < reach;
}

/* The columns of a row's near pixels, found without a branch that depends on a pixel. */
static Py_ssize_t list_columns(const uint8_t *is_near, Py_ssize_t width, int32_t *listed)
{
    Py_ssize_t count = 0;
    for (Py_ssize_t x = 0; x < width; x += 8) /* the padding is not near */
        if (load8(is_near + x))
            for (int i = 0; i < 8; i++) {
                listed[count] = (int32_t)(x + i);
                count += is_near[x + i];
            }
    return count;
}

static void list_near(Field *field, Py_ssize_t y)
{
    const Py_ssize_t width = field->size.width;
    const uint8_t *above = field->above + y * width, *below = field->below;
    Py_ssize_t count = list_columns(field->is_near, width, field->listed);
    for (Py_ssize_t i = 0; i < count && field->count + i < field->room; i++) {
        Py_ssize_t x = field->listed[i], c = nearest_column(field->key[x], x);
        Py_ssize_t row = above[c] <= below[c] ? y - above[c] : y + below[c]; /* the upper of two, as SciPy */
        field->near_at[field->count + i] = (int32_t)(y * width + x);
        field->near_from[field->count + i] = (int32_t)(row * width + c);
    }
    field->count += count;
}

static void fill_rows(Field *field, const uint8_t *mask)
{
    const Py_ssize_t height = field->size.height, width = field->size.width;
    const uint8_t distance = (uint8_t)field->distance;
    memset(field->below, distance, (size_t)width);
    for (Py_ssize_t y = 0; y < height; y++) {
        uint8_t *above = field->above + y * width;
        measure_up(mask + y * width, y ? above - width : field->below, above, width, distance);
    }
    for (Py_ssize_t y = height - 1; y >= 0; y--) {
        measure_down(mask + y * width, field->above + y * width, field->below, field->rise, width, distance);
        find_keys(field, mask + y * width);
        read_keys(field->key, (uint16_t)field->reach, field->square + y * width, field->is_near, width);
        list_near(field, y);
    }
}

/* 0, or -1 when memory is short. */
static int fill_field(Field *field, const uint8_t *mask)
{
    Py_ssize_t width = field->size.width, pixels = field->size.height * width;
    Py_ssize_t padded = width + STRETCH + LANES;
    int32_t *rows = malloc((size_t)(3 * padded) * sizeof *rows);
    uint8_t *bytes = malloc((size_t)(pixels + width + padded));
    int enough = rows && bytes;
    if (enough) {
        field->rise = rows, field->key = rows + padded, field->listed = rows + 2 * padded;
        field->above = bytes, field->below = bytes + pixels, field->is_near = bytes + pixels + width;
        write_tables(field);
        memset(field->is_near, 0, (size_t)padded);
        for (Py_ssize_t x = 0; x < padded; x++)
            field->key[x] = field->distance * field->distance * ONE;
        for (Py_ssize_t x = width; x < padded; x++)
            field->rise[x] = INT32_MAX / 2; /* a column that is never nearest */
        fill_rows(field, mask);
    }
    free(rows);
    free(bytes);
    return enough ? 0 : -1;
}

/* ---- joint_histogram ----------------------------------------------------------------------------- */

/* Counts of one row's stretch into four copies of [mask][level], so that equal neighbours do not wait
 * for each other; a run of eight equal pixels, most of a saliency map, counts at once. */
static void count_stretch(const uint8_t *map, const uint8_t *mask, Py_ssize_t length,
                          uint32_t copies[4][2 * LEVELS])
{
    Py_ssize_t x = 0;
    for (; x + 8 <= length; x += 8) {
        uint64_t levels = load8(map + x), marks = load8(mask + x), first = levels & 255;
        if (marks == 0 || marks == REPEATED) {
            Py_ssize_t salient = marks ? LEVELS : 0;
            if (levels == first * REPEATED)
                copies[0][salient + (Py_ssize_t)first] += 8;
            else
                for (int i = 0; i < 8; i++)
                    copies[i & 3][salient + map[x + i]]++;
        } else
            for (int i = 0; i < 8; i++)
                copies[i & 3][(mask[x + i] & 1) * LEVELS + map[x + i]]++;
    }
    for (; x < length; x++)
        copies[x & 3][(mask[x] & 1) * LEVELS + map[x]]++;
}

static void count_quadrants(const uint8_t *map, const uint8_t *mask, Size size, Py_ssize_t cut_y,
                            Py_ssize_t cut_x, uint32_t *histogram)
{
    uint32_t copies[4][2 * LEVELS];
    for (int quadrant = 0; quadrant < 4; quadrant++) {
        Py_ssize_t top = quadrant & 2 ? cut_y : 0, bottom = quadrant & 2 ? size.height : cut_y;
        Py_ssize_t left = quadrant & 1 ? cut_x : 0, right = quadrant & 1 ? size.width : cut_x;
        memset(copies, 0, sizeof copies);
        for (Py_ssize_t y = top; y < bottom; y++)
            count_stretch(map + y * size.width + left, mask + y * size.width + left, right - left, copies);
        for (int bin = 0; bin < 2 * LEVELS; bin++)
            *histogram++ = copies[0][bin] + copies[1][bin] + copies[2][bin] + copies[3][bin];
    }
}

/* The lowest and highest level that occur. */
static void find_extremes(const uint32_t *histogram, int *low, int *high)
{
    *low = LEVELS, *high = -1;
    for (int level = 0; level < LEVELS; level++) {
        uint32_t count = 0;
        for (int part = 0; part < 8; part++)
            count |= histogram[part * LEVELS + level];
        if (count) {
            *low = *low == LEVELS ? level : *low;
            *high = level;
        }
    }
}

/* ---- level_scores -------------------------------------------------------------------------------- */

#define TIE 1e-11 /* a level this close to the adaptive threshold is to be decided by the pixels */

typedef struct {
    double part[4][2][LEVELS]; /* pixels by quadrant, mask and level, all whole numbers */
    double mask[2][LEVELS];    /* by mask and level */
    const double *value;       /* of a level, 0..1 */
} Counts;

INLINE double add_counts(const double count[LEVELS])
{
    double lane[LANES] = {0};
    for (int level = 0; level < LEVELS; level += LANES)
        for (int i = 0; i < LANES; i++)
            lane[i] += count[level + i];
    return add_lanes(lane);
}

INLINE double add_products(const double count[LEVELS], const double value[LEVELS])
{
    double lane[LANES] = {0};
    for (int level = 0; level < LEVELS; level += LANES)
        for (int i = 0; i < LANES; i++)
            lane[i] += count[level + i] * value[level + i];
    return add_lanes(lane);
}

static void convert(const uint32_t *histogram, Counts *counts)
{
    memset(counts->mask, 0, sizeof counts->mask);
    for (int quadrant = 0; quadrant < 4; quadrant++)
        for (int mask = 0; mask < 2; mask++)
            for (int level = 0; level < LEVELS; level++) {
                double count = counts->part[quadrant][mask][level] = *histogram++;
                counts->mask[mask][level] += count;
            }
}

WIDE static double mean_error(const Counts *counts, const double *value)
{
    double miss[LEVELS];
    for (int level = 0; level < LEVELS; level++)
        miss[level] = fabs(value[level] - 1);
    double error = add_products(counts->mask[0], value) + add_products(counts->mask[1], miss);
    return error / (add_counts(counts->mask[0]) + add_counts(counts->mask[1]));
}

/* Half of the object-aware part of the S-measure: how high and even `value` is where it is counted. */
INLINE double evenness(const double count[LEVELS], const double value[LEVELS])
{
    double pixels = add_counts(count), mean = add_products(count, value) / (pixels > 1 ? pixels : 1);
    double square[LEVELS];
    for (int level = 0; level < LEVELS; level++)
        square[level] = (value[level] - mean) * (value[level] - mean);
    double deviation = sqrt(add_products(count, square) / (pixels > 2 ? pixels - 1 : 1));
    return 2 * mean / (mean * mean + 1 + deviation + DBL_EPSILON);
}

WIDE static double object_score(const Counts *counts)
{
    double absent[LEVELS];
    for (int level = 0; level < LEVELS; level++)
        absent[level] = 1 - counts->value[level];
    double salient = add_counts(counts->mask[1]), share = salient / (salient + add_counts(counts->mask[0]));
    return evenness(counts->mask[1], counts->value) * share + evenness(counts->mask[0], absent) * (1 - share);
}

/* The region-aware part of the S-measure in one quadrant; NaN where it has no pixel. */
WIDE static double ssim(double part[2][LEVELS], const double *restrict value)
{
    double all[LEVELS], apart[LEVELS], square[LEVELS], tilt[LEVELS];
    double salient = add_counts(part[1]), pixels = salient + add_counts(part[0]);
    for (int level = 0; level < LEVELS; level++)
        all[level] = part[0][level] + part[1][level];
    double x = add_products(all, value) / pixels, y = salient / pixels, degrees = pixels - 1 + DBL_EPSILON;
    for (int level = 0; level < LEVELS; level++) {
        apart[level] = value[level] - x;
        square[level] = apart[level] * apart[level];
        tilt[level] = part[1][level] * (1 - y) - part[0][level] * y;
    }
    double variance_x = add_products(all, square) / degrees, covariance = add_products(tilt, apart) / degrees;
    double variance_y = (salient * ((1 - y) * (1 - y)) + (pixels - salient) * (y * y)) / degrees;
    double over = 4 * x * y * covariance, under = (x * x + y * y) * (variance_x + variance_y);
    if (over != 0)
        return over / (under + DBL_EPSILON);
    return under == 0 ? 1 : 0;
}

/* Whether a quadrant has one level and one mask value, the level neither 0 nor 1: its variances are 0, and
 * whether numpy's rounding finds them 0 decides between 1 and 0. */
static int is_flat(double part[2][LEVELS], const double *value)
{
    int occurring = 0, exact = 0;
    for (int mask = 0; mask < 2; mask++)
        for (int level = 0; level < LEVELS; level++)
            if (part[mask][level] > 0) {
                occurring++;
                exact |= value[level] == 0 || value[level] == 1;
            }
    return occurring == 1 && !exact;
}

typedef struct {
    double mean;      /* of the map */
    double passed[2]; /* pixels at or over the threshold, by mask */
    int tied;         /* whether rounding decides which levels are */
} Adaptive;

static Adaptive pass_adaptive(const Counts *counts, double factor)
{
    Adaptive found = {.tied = 0};
    double sum = add_products(counts->mask[0], counts->value) + add_products(counts->mask[1], counts->value);
    found.mean = sum / (add_counts(counts->mask[0]) + add_counts(counts->mask[1]));
    double threshold = factor * found.mean < 1 ? factor * found.mean : 1;
    for (int level = 0; level < LEVELS; level++) {
        double value = counts->value[level];
        double background = counts->mask[0][level], salient = counts->mask[1][level];
        found.tied |= value < 1 && background + salient > 0 && fabs(value - threshold) < TIE;
        found.passed[0] += value >= threshold ? background : 0;
        found.passed[1] += value >= threshold ? salient : 0;
    }
    return found;
}

/* Adds each level's pixels to its bin; 0 where a bin lies outside the columns. */
static int fill_bins(const Counts *counts, const int64_t *bin, uint32_t *filled, int64_t columns)
{
    memset(filled, 0, 2 * (size_t)columns * sizeof *filled);
    for (int level = 0; level < LEVELS; level++) {
        if (bin[level] < 0 || bin[level] >= columns)
            return 0;
        filled[bin[level]] += (uint32_t)counts->mask[0][level];
        filled[columns + bin[level]] += (uint32_t)counts->mask[1][level];
    }
    return 1;
}

/* ---- weighted_errors ----------------------------------------------------------------------------- */

typedef struct {
    const uint8_t *map, *mask;
    Size size;
    uint8_t top;    /* the level of a perfect salient pixel */
    uint8_t bottom; /* the level of a perfect background pixel */
    double unit;    /* the error of one level */
} Map;

/* Sum over the background of error x weight, in levels. The weight follows from the squared distance to the
 * object and is 0 on it. Eight pixels at the lowest level or on the object, as most are, add nothing and are
 * passed over. */
WIDE static double sum_background(const uint8_t *restrict map, uint8_t bottom,
                                  const uint16_t *restrict square, const double *restrict weight_of,
                                  Py_ssize_t count)
{
    const uint64_t none = bottom * REPEATED;
    double lane[LANES] = {0};
    Py_ssize_t x = 0;
    for (; x + LANES <= count; x += LANES) {
        if (load8(map + x) == none || !(load8(square + x) | load8(square + x + 4)))
            continue;
        for (int i = 0; i < LANES; i++)
            lane[i] += (double)(uint8_t)(map[x + i] - bottom) * weight_of[square[x + i]];
    }
    for (; x < count; x++)
        lane[0] += (double)(uint8_t)(map[x] - bottom) * weight_of[square[x]];
    return add_lanes(lane);
}

typedef struct {
    Py_ssize_t top, left, height, width; /* the mask's bounding box */
    Py_ssize_t radius;                   /* of the Gaussian */
    const double *tap;                   /* its centre and one side, radius + 1 of them */
} Window;

/* One row of the Gaussian-smoothed error: down the columns, then along the row. `error` points at the
 * first pixel, inside a frame of `radius`. */
INLINE void smooth(const uint8_t *restrict error, Py_ssize_t stride, Py_ssize_t length,
                   const double *restrict tap, const int radius, double *restrict column,
                   double *restrict smoothed)
{
    const uint8_t *row = error - radius;
    for (Py_ssize_t x = 0; x < length + 2 * radius; x++) {
        double sum = tap[0] * row[x];
        for (int j = 1; j <= radius; j++)
            sum += tap[j] * (row[x - j * stride] + row[x + j * stride]);
        column[x] = sum;
    }
    for (Py_ssize_t x = 0; x < length; x++) {
        const double *centre = column + radius + x;
        double sum = tap[0] * centre[0];
        for (int j = 1; j <= radius; j++)
            sum += tap[j] * (centre[-j] + centre[j]);
        smoothed[x] = sum;
    }
}

/* The usual radius is known to the compiler, which then unrolls. */
WIDE static void smooth_row(const uint8_t *error, Py_ssize_t stride, Py_ssize_t length, const double *tap,
                            int radius, double *column, double *smoothed)
{
    if (radius == 3)
        smooth(error, stride, length, tap, 3, column, smoothed);
    else
        smooth(error, stride, length, tap, radius, column, smoothed);
}

/* Adds min(error, smoothed error) along a row. */
WIDE static void add_least(const uint8_t *restrict error, const double *restrict smooth, Py_ssize_t length,
                           double *restrict lane)
{
    Py_ssize_t x = 0;
    for (; x + LANES <= length; x += LANES)
        for (int i = 0; i < LANES; i++) {
            double own = error[x + i], around = smooth[x + i];
            lane[i] += around < own ? around : own;
        }
    for (; x < length; x++)
        lane[0] += smooth[x] < error[x] ? smooth[x] : error[x];
}

WIDE static void subtract_row(const uint8_t *restrict level, uint8_t top, uint8_t *restrict error,
                              Py_ssize_t width)
{
    for (Py_ssize_t x = 0; x < width; x++)
        error[x] = (uint8_t)(top - level[x]);
}

/* The error in levels, inside a frame of zeros; near the object each background pixel shows the error
 * of its nearest salient pixel. */
static void write_errors(const Map *map, const Window *window, const int32_t *near_at,
                         const int32_t *near_from, Py_ssize_t near_count, uint8_t *error, Py_ssize_t stride)
{
    Py_ssize_t radius = window->radius, width = map->size.width, pixels = map->size.height * width;
    for (Py_ssize_t y = 0; y < window->height; y++)
        subtract_row(map->map + (window->top + y) * width + window->left, map->top,
                     error + (y + radius) * stride + radius, window->width);
    Py_ssize_t top = window->top - radius, left = window->left - radius, down = -top, row = 0;
    for (Py_ssize_t i = 0; i < near_count; i++) { /* ordered by row, so the division is rare */
        if (near_at[i] < row || near_at[i] >= row + width) {
            down = near_at[i] / width - top;
            row = (down + top) * width;
        }
        Py_ssize_t across = near_at[i] - row - left;
        int inside = down >= 0 && down < window->height + 2 * radius && across >= 0 && across < stride;
        if (inside && near_from[i] >= 0 && near_from[i] < pixels)
            error[down * stride + across] = (uint8_t)(map->top - map->map[near_from[i]]);
    }
}

/* One row of the object: its salient pixels, run by run. A pixel without error adds nothing, since the
 * smaller of the two is 0; so a run begins and ends with an error. */
static void add_row(const uint8_t *error, Py_ssize_t stride, const uint8_t *mask, const Window *window,
                    double *buffer, double lane[LANES])
{
    for (Py_ssize_t x = 0; x < window->width;) {
        const uint8_t *start = memchr(mask + x, 1, (size_t)(window->width - x));
        if (!start)
            return;
        const uint8_t *stop = memchr(start, 0, (size_t)(mask + window->width - start));
        Py_ssize_t first = start - mask, last = stop ? stop - mask : window->width;
        x = last;
        while (first < last && !error[first])
            first++;
        while (first < last && !error[last - 1])
            last--;
        if (first == last)
            continue;
        double *smoothed = buffer + window->width + 2 * window->radius;
        smooth_row(error + first, stride, last - first, window->tap, (int)window->radius, buffer, smoothed);
        add_least(error + first, smoothed, last - first, lane);
    }
}

/* Sum over the salient pixels of min(error, smoothed error); -1 when memory is short. */
static double foreground_error(const Map *map, const Window *window, const int32_t *near_at,
                               const int32_t *near_from, Py_ssize_t near_count)
{
    Py_ssize_t radius = window->radius, stride = window->width + 2 * radius;
    uint8_t *error = calloc((size_t)(stride * (window->height + 2 * radius)), 1);
    double *buffer = malloc((size_t)(stride + window->width) * sizeof *buffer);
    double lane[LANES] = {0};
    if (error && buffer) {
        write_errors(map, window, near_at, near_from, near_count, error, stride);
        for (Py_ssize_t y = 0; y < window->height; y++)
            add_row(error + (y + radius) * stride + radius, stride,
                    map->mask + (window->top + y) * map->size.width + window->left, window, buffer, lane);
    }
    double sum = error && buffer ? add_lanes(lane) * map->unit : -1;
    free(error);
    free(buffer);
    return sum;
}

/* ---- trace_curves -------------------------------------------------------------------------------- */

typedef struct {
    double *precision, *recall, *f, *e; /* of one image, at each threshold */
} Curves;

/* Pixels that pass each threshold: of the object into `recall`, of the background into `precision`.
 * Whole numbers, so exact. */
static void add_up(const uint32_t *counts, Py_ssize_t thresholds, const Curves *curves)
{
    const uint32_t *background = counts, *salient = counts + thresholds + 1;
    double hits = 0, wrong = 0;
    for (Py_ssize_t i = 0; i < thresholds; i++) {
        curves->recall[i] = hits += salient[i];
        curves->precision[i] = wrong += background[i];
    }
}

/* What `count` pixels of one kind add to the E-measure; `map` and `gt` are theirs, less the means. */
INLINE double align(double map, double gt, double count)
{
    double alignment = 2 * (map * gt) / (map * map + gt * gt + DBL_EPSILON) + 1;
    return alignment * alignment / 4 * count;
}

/* The E-measure from the hits in `recall` and the false alarms in `precision`. */
WIDE static void trace_e(const Curves *curves, Py_ssize_t thresholds, double salient, double background)
{
    const double *restrict recall = curves->recall, *restrict precision = curves->precision;
    double *restrict e = curves->e;
    const double pixels = salient + background, gt = salient / pixels, degrees = pixels - 1 + DBL_EPSILON;
    for (Py_ssize_t i = 0; i < thresholds; i++) {
        double hits = recall[i], wrong = precision[i], map = (hits + wrong) / pixels;
        double sum = align(1 - map, 1 - gt, hits) + align(1 - map, 0 - gt, wrong);
        sum += align(0 - map, 1 - gt, salient - hits);
        sum += align(0 - map, 0 - gt, background - wrong);
        e[i] = sum / degrees;
    }
}

/* The E-measure of a mask that is all background or all object: the pixels that are right. */
static void trace_flat_e(const Curves *curves, Py_ssize_t thresholds, double salient, double background)
{
    for (Py_ssize_t i = 0; i < thresholds; i++) {
        double predicted = curves->recall[i] + curves->precision[i];
        double right = salient > 0 ? predicted : background - predicted;
        curves->e[i] = right / (salient + background - 1 + DBL_EPSILON);
    }
}

/* Where nothing is predicted or salient, or precision and recall are 0, what is divided is 0 too; dividing it
 * by 1 is quicker than a branch. */
INLINE double divide(double over, double under)
{
    return over / (under + (under == 0 ? 1 : 0));
}

/* Precision, recall and F in the place of hits and false alarms. */
WIDE static void trace_f(const Curves *curves, Py_ssize_t thresholds, double salient, double beta2)
{
    double *restrict recall = curves->recall, *restrict precision = curves->precision;
    double *restrict f = curves->f;
    for (Py_ssize_t i = 0; i < thresholds; i++) {
        double p = divide(recall[i], recall[i] + precision[i]), r = divide(recall[i], salient);
        f[i] = divide((1 + beta2) * p * r, beta2 * p + r);
        precision[i] = p;
        recall[i] = r;
    }
}

static void trace_image(const uint32_t *counts, Py_ssize_t thresholds, double beta2, const Curves *curves)
{
    add_up(counts, thresholds, curves);
    double background = curves->precision[thresholds - 1] + counts[thresholds];
    double salient = curves->recall[thresholds - 1] + counts[2 * thresholds + 1];
    if (salient > 0 && background > 0)
        trace_e(curves, thresholds, salient, background);
    else
        trace_flat_e(curves, thresholds, salient, background);
    trace_f(curves, thresholds, salient, beta2);
}

/* ---- Python -------------------------------------------------------------------------------------- */

/* Whether a buffer holds what the sizes promise: a wrong call must not read past its end. */
static int holds(const Py_buffer *buffer, Py_ssize_t count, size_t item, const char *name)
{
    if (buffer->len >= 0 && count >= 0 && (size_t)buffer->len == (size_t)count * item)
        return 1;
    PyErr_Format(PyExc_ValueError, "%s holds %zd bytes; expected %zd items of %zd", name, buffer->len, count,
                 (Py_ssize_t)item);
    return 0;
}

/* How many pixels an image has; -1, and an error, where that is none or no 32-bit number. */
static Py_ssize_t count_pixels(Size size)
{
    if (size.height > 0 && size.width > 0 && size.height <= INT32_MAX / size.width)
        return size.height * size.width;
    PyErr_Format(PyExc_ValueError, "an image of %zd x %zd pixels; expected 1 to 2^31 - 1 in all", size.height,
                 size.width);
    return -1;
}

static PyObject *expand_bits(PyObject *self, PyObject *args)
{
    (void)self;
    Py_buffer packed, levels;
    Size size;
    if (!PyArg_ParseTuple(args, "y*nnw*", &packed, &size.height, &size.width, &levels))
        return NULL;
    Py_ssize_t pixels = count_pixels(size);
    if (pixels > 0 && holds(&packed, size.height * ((size.width + 7) / 8), 1, "packed") &&
        holds(&levels, pixels, 1, "levels"))
        expand_rows(packed.buf, size, levels.buf);
    PyBuffer_Release(&packed);
    PyBuffer_Release(&levels);
    if (PyErr_Occurred())
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *is_grey(PyObject *self, PyObject *args)
{
    (void)self;
    Py_buffer levels;
    if (!PyArg_ParseTuple(args, "y*", &levels))
        return NULL;
    int grey = has_between(levels.buf, levels.len, find_highest(levels.buf, levels.len));
    PyBuffer_Release(&levels);
    return PyBool_FromLong(grey);
}

static PyObject *mask_moments(PyObject *self, PyObject *args)
{
    (void)self;
    Py_buffer mask;
    Size size;
    Moments sums = {0};
    uint32_t *column = NULL;
    if (!PyArg_ParseTuple(args, "y*nn", &mask, &size.height, &size.width))
        return NULL;
    Py_ssize_t pixels = count_pixels(size);
    if (pixels > 0 && holds(&mask, pixels, 1, "mask")) {
        column = calloc((size_t)size.width, sizeof *column + 1);
        if (column)
            sums = sum_moments(mask.buf, size, column, (uint8_t *)(column + size.width));
        else
            PyErr_NoMemory();
    }
    free(column);
    PyBuffer_Release(&mask);
    if (PyErr_Occurred())
        return NULL;
    return Py_BuildValue("(LLL(nnnn))", (long long)sums.area, (long long)sums.sum_y, (long long)sums.sum_x,
                         sums.top, sums.left, sums.bottom, sums.right);
}

static PyObject *distance_field(PyObject *self, PyObject *args)
{
    (void)self;
    Py_buffer mask, square, near_at, near_from;
    int failed = 0;
    Field field = {.count = 0};
    if (!PyArg_ParseTuple(args, "y*nniiw*w*w*", &mask, &field.size.height, &field.size.width,
                          &field.distance, &field.reach, &square, &near_at, &near_from))
        return NULL;
    Py_ssize_t pixels = count_pixels(field.size);
    field.room = near_at.len / (Py_ssize_t)sizeof(int32_t);
    if (field.distance < 1 || field.distance > MAX_DISTANCE || field.reach < 0 ||
        field.reach >= field.distance * field.distance)
        PyErr_SetString(PyExc_ValueError, "the distance or the reach is out of range");
    else if (pixels > 0 && holds(&mask, pixels, 1, "mask") &&
             holds(&square, pixels, sizeof(uint16_t), "square") &&
             holds(&near_from, field.room, sizeof(int32_t), "near_from")) {
        field.square = square.buf;
        field.near_at = near_at.buf, field.near_from = near_from.buf;
        Py_BEGIN_ALLOW_THREADS
        failed = fill_field(&field, mask.buf);
        Py_END_ALLOW_THREADS
    }
    PyBuffer_Release(&mask);
    PyBuffer_Release(&square);
    PyBuffer_Release(&near_at);
    PyBuffer_Release(&near_from);
    if (failed)
        return PyErr_NoMemory();
    return PyErr_Occurred() ? NULL : PyLong_FromSsize_t(field.count);
}

static PyObject *joint_histogram(PyObject *self, PyObject *args)
{
    (void)self;
    Py_buffer map, mask, histogram;
    Size size;
    Py_ssize_t cut_y, cut_x;
    int low = 0, high = 0;
    if (!PyArg_ParseTuple(args, "y*y*nnnnw*", &map, &mask, &size.height, &size.width, &cut_y, &cut_x,
                          &histogram))
        return NULL;
    Py_ssize_t pixels = count_pixels(size);
    if (pixels > 0 && holds(&map, pixels, 1, "map") && holds(&mask, pixels, 1, "mask") &&
        holds(&histogram, 8 * LEVELS, sizeof(uint32_t), "histogram")) {
        if (cut_y < 0 || cut_y > size.height || cut_x < 0 || cut_x > size.width)
            PyErr_SetString(PyExc_ValueError, "the cut lies outside the image");
        else {
            Py_BEGIN_ALLOW_THREADS
            count_quadrants(map.buf, mask.buf, size, cut_y, cut_x, histogram.buf);
            find_extremes(histogram.buf, &low, &high);
            Py_END_ALLOW_THREADS
        }
    }
    PyBuffer_Release(&map);
    PyBuffer_Release(&mask);
    PyBuffer_Release(&histogram);
    if (PyErr_Occurred())
        return NULL;
    return Py_BuildValue("(ii)", low, high);
}

static PyObject *level_scores(PyObject *self, PyObject *args)
{
    (void)self;
    Py_buffer histogram, value, mae_value, bin, filled;
    double factor, mae = 0, objects = 0, region[4] = {0};
    int flat[4] = {0};
    Adaptive adaptive = {.tied = 0};
    if (!PyArg_ParseTuple(args, "y*y*y*y*dw*", &histogram, &value, &mae_value, &bin, &factor, &filled))
        return NULL;
    Py_ssize_t columns = filled.len / (2 * (Py_ssize_t)sizeof(uint32_t));
    if (holds(&histogram, 8 * LEVELS, sizeof(uint32_t), "histogram") &&
        holds(&value, LEVELS, sizeof(double), "value") &&
        holds(&mae_value, LEVELS, sizeof(double), "mae_value") &&
        holds(&bin, LEVELS, sizeof(int64_t), "bin") &&
        holds(&filled, 2 * columns, sizeof(uint32_t), "filled")) {
        Counts counts;
        convert(histogram.buf, &counts);
        counts.value = value.buf;
        mae = mean_error(&counts, mae_value.buf);
        objects = object_score(&counts);
        for (int quadrant = 0; quadrant < 4; quadrant++) {
            region[quadrant] = ssim(counts.part[quadrant], counts.value);
            flat[quadrant] = is_flat(counts.part[quadrant], counts.value);
        }
        adaptive = pass_adaptive(&counts, factor);
        if (!fill_bins(&counts, bin.buf, filled.buf, columns))
            PyErr_SetString(PyExc_ValueError, "a bin lies outside the columns");
    }
    PyBuffer_Release(&histogram);
    PyBuffer_Release(&value);
    PyBuffer_Release(&mae_value);
    PyBuffer_Release(&bin);
    PyBuffer_Release(&filled);
    if (PyErr_Occurred())
        return NULL;
    return Py_BuildValue("(ddd(dddd)(iiii)(LL)i)", mae, adaptive.mean, objects, region[0], region[1],
                         region[2], region[3], flat[0], flat[1], flat[2], flat[3],
                         (long long)adaptive.passed[0], (long long)adaptive.passed[1], adaptive.tied);
}

static PyObject *weighted_errors(PyObject *self, PyObject *args)
{
    (void)self;
    Py_buffer map, mask, square, weight_of, near_at, near_from, tap;
    Map of;
    Window window;
    Py_ssize_t box_bottom, box_right;
    double background = 0, foreground = 0;
    if (!PyArg_ParseTuple(args, "y*y*nnbbdy*y*y*y*(nnnn)y*", &map, &mask, &of.size.height, &of.size.width,
                          &of.bottom, &of.top, &of.unit, &square, &weight_of, &near_at, &near_from,
                          &window.top, &window.left, &box_bottom, &box_right, &tap))
        return NULL;
    Py_ssize_t pixels = count_pixels(of.size), near_count = near_at.len / (Py_ssize_t)sizeof(int32_t);
    if (pixels > 0 && holds(&map, pixels, 1, "map") && holds(&mask, pixels, 1, "mask") &&
        holds(&square, pixels, sizeof(uint16_t), "square") &&
        holds(&weight_of, UINT16_MAX + 1, sizeof(double), "weight_of") &&
        holds(&near_from, near_count, sizeof(int32_t), "near_from")) {
        if (window.top < 0 || window.left < 0 || box_bottom > of.size.height || box_right > of.size.width ||
            box_bottom <= window.top || box_right <= window.left || tap.len < (Py_ssize_t)sizeof(double))
            PyErr_SetString(PyExc_ValueError, "the box lies outside the image, or there is no tap");
        else {
            of.map = map.buf, of.mask = mask.buf;
            window.height = box_bottom - window.top, window.width = box_right - window.left;
            window.radius = tap.len / (Py_ssize_t)sizeof(double) - 1, window.tap = tap.buf;
            Py_BEGIN_ALLOW_THREADS
            background = of.unit * sum_background(of.map, of.bottom, square.buf, weight_of.buf, pixels);
            foreground = foreground_error(&of, &window, near_at.buf, near_from.buf, near_count);
            Py_END_ALLOW_THREADS
        }
    }
    PyBuffer_Release(&map);
    PyBuffer_Release(&mask);
    PyBuffer_Release(&square);
    PyBuffer_Release(&weight_of);
    PyBuffer_Release(&near_at);
    PyBuffer_Release(&near_from);
    PyBuffer_Release(&tap);
    if (foreground < 0)
        return PyErr_NoMemory();
    if (PyErr_Occurred())
        return NULL;
    return Py_BuildValue("(dd)", foreground, background);
}

static PyObject *trace_curves(PyObject *self, PyObject *args)
{
    (void)self;
    Py_buffer counts, filled;
    Size size; /* images x thresholds */
    double beta2;
    if (!PyArg_ParseTuple(args, "y*nndw*", &counts, &size.height, &size.width, &beta2, &filled))
        return NULL;
    const Py_ssize_t values = count_pixels(size), thresholds = size.width;
    if (values > 0 && holds(&counts, 2 * (values + size.height), sizeof(uint32_t), "counts") &&
        holds(&filled, 4 * values, sizeof(double), "filled")) {
        double *first = filled.buf;
        for (Py_ssize_t y = 0; y < size.height; y++, first += thresholds) {
            Curves curves = {first, first + values, first + 2 * values, first + 3 * values};
            trace_image((const uint32_t *)counts.buf + 2 * y * (thresholds + 1), thresholds, beta2, &curves);
        }
    }
    PyBuffer_Release(&counts);
    PyBuffer_Release(&filled);
    if (PyErr_Occurred())
        return NULL;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"expand_bits", expand_bits, METH_VARARGS, NULL},
    {"is_grey", is_grey, METH_VARARGS, NULL},
    {"mask_moments", mask_moments, METH_VARARGS, NULL},
    {"distance_field", distance_field, METH_VARARGS, NULL},
    {"joint_histogram", joint_histogram, METH_VARARGS, NULL},
    {"level_scores", level_scores, METH_VARARGS, NULL},
    {"weighted_errors", weighted_errors, METH_VARARGS, NULL},
    {"trace_curves", trace_curves, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "_kernels", "The inner loops of sodeval for 8-bit maps.", 0, methods, NULL, NULL,
    NULL, NULL,
};

PyMODINIT_FUNC PyInit__kernels(void)
{
    return PyModule_Create(&module);
}
