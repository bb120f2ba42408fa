/* The inner loops of sodeval for 8-bit maps.
 *
 * Four functions, each with a numpy twin in numpy_kernels.py that returns the same:
 *
 *   mask_moments      area, centroid and bounding box of a mask
 *   distance_field    the ground truth's share of the weighted F-measure, once for all methods
 *   joint_histogram   quadrant x mask x level, from which all other measures follow
 *   weighted_errors   the two sums of the weighted F-measure
 *
 * Images are contiguous, row by row. A mask holds 0 and 1 alone. Sums run over a fixed number of lanes in
 * a fixed order and the file is compiled without contraction of multiply and add, so that every
 * processor gets the same bits.
 */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030b0000
#include <Python.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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
#define BLOCK 16

typedef struct {
    Py_ssize_t height, width;
} Size;

static uint64_t load8(const uint8_t *from)
{
    uint64_t word;
    memcpy(&word, from, sizeof word);
    return word;
}

static double add_lanes(const double lane[LANES])
{
    return ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

/* ---- mask_moments -------------------------------------------------------------------------------- */

typedef struct {
    int64_t area, sum_y, sum_x;
    Py_ssize_t top, left, bottom, right; /* the box; bottom and right are one past its end */
} Moments;

WIDE static int64_t count_row(const uint8_t *row, Py_ssize_t width)
{
    int64_t count = 0;
    for (Py_ssize_t x = 0; x < width; x++)
        count += row[x];
    return count;
}

WIDE static void add_to_columns(const uint8_t *row, uint32_t *column, Py_ssize_t width)
{
    for (Py_ssize_t x = 0; x < width; x++)
        column[x] += row[x];
}

static Moments sum_moments(const uint8_t *mask, Size size, uint32_t *column)
{
    Moments sums = {0, 0, 0, size.height, size.width, 0, 0};
    for (Py_ssize_t y = 0; y < size.height; y++) {
        const uint8_t *row = mask + y * size.width;
        int64_t count = count_row(row, size.width);
        if (!count)
            continue;
        add_to_columns(row, column, size.width);
        sums.area += count;
        sums.sum_y += count * y;
        sums.top = y < sums.top ? y : sums.top;
        sums.bottom = y + 1;
    }
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

/* Sweeping over the rows, each column's site is the last salient pixel passed. The squared distance from
 * (x, y) to the sites is x^2 + min over columns c of (c^2 + (y - site)^2 - 2 x c): only vertices of the
 * lower convex hull of the points (c, c^2 + (y - site)^2) can be nearest. A site that is no vertex in one
 * row is none in any later row, since the cells of a Voronoi diagram are convex; so few are left to look
 * at in each row. One sweep down and one up see the sites on either side. */
typedef struct {
    Size size;
    uint16_t limit;   /* the longest squared distance that counts */
    uint16_t *square; /* height x width: the result so far, at most limit */
    int32_t *site;    /* a column's */
    uint8_t *alive;   /* whether it can still be nearest */
    int64_t *column;  /* of the hull's vertices */
    int64_t *rise;    /* column^2 + (y - site)^2 */
    Py_ssize_t count; /* of the vertices */
} Sweep;

INLINE void push(Sweep *sweep, int64_t column, int64_t square)
{
    int64_t *at = sweep->column, *rise = sweep->rise, height = column * column + square;
    Py_ssize_t n = sweep->count;
    while (n >= 2 && (rise[n - 1] - rise[n - 2]) * (column - at[n - 1]) >=
                         (height - rise[n - 1]) * (at[n - 1] - at[n - 2]))
        n--;
    at[n] = column;
    rise[n] = height;
    sweep->count = n + 1;
}

INLINE void push_alive(Sweep *sweep, int32_t y, Py_ssize_t begin, Py_ssize_t end)
{
    Py_ssize_t c = begin;
    while (c < end) {
        if (c + 8 <= end && !load8(sweep->alive + c)) {
            c += 8;
            continue;
        }
        int64_t away = (int64_t)y - sweep->site[c];
        if (sweep->alive[c] && away * away < sweep->limit)
            push(sweep, c, away * away);
        c++;
    }
}

/* Columns up to here are nearer to vertex v than to the next one. */
INLINE int64_t last_column(const Sweep *sweep, Py_ssize_t v)
{
    if (v + 1 == sweep->count)
        return INT64_MAX;
    /* floor(rise / run): exact in double, since the quotient of whole numbers this small is either whole
     * or at least 1 / run away from it; and quicker than a 64-bit division */
    double between = (double)(sweep->rise[v + 1] - sweep->rise[v]) /
                     (double)(2 * (sweep->column[v + 1] - sweep->column[v]));
    int64_t whole = (int64_t)between;
    return whole - ((double)whole > between);
}

/* One row's background between `begin` and `end`. */
INLINE void sweep_gap(Sweep *sweep, int32_t y, Py_ssize_t begin, Py_ssize_t end)
{
    uint16_t *square = sweep->square + y * sweep->size.width;
    sweep->count = 0;
    if (begin > 0)
        push(sweep, begin - 1, 0);
    push_alive(sweep, y, begin, end);
    if (end < sweep->size.width)
        push(sweep, end, 0);
    memset(sweep->alive + begin, 0, (size_t)(end - begin));
    Py_ssize_t x = begin;
    for (Py_ssize_t v = 0; v < sweep->count; v++) {
        int64_t c = sweep->column[v], rise = sweep->rise[v] - c * c, last = last_column(sweep, v);
        if (begin <= c && c < end)
            sweep->alive[c] = 1;
        last = last < end - 1 ? last : end - 1;
        for (; x <= last; x++) {
            int64_t squared = (x - c) * (x - c) + rise;
            square[x] = squared < square[x] ? (uint16_t)squared : square[x];
        }
    }
}

WIDE static void sweep_row(Sweep *sweep, const uint8_t *mask, int32_t y)
{
    Py_ssize_t width = sweep->size.width;
    uint16_t *square = sweep->square + y * width;
    for (Py_ssize_t x = 0; x < width;) {
        const uint8_t *start = mask + x, *stop = memchr(start, !*start, (size_t)(width - x));
        Py_ssize_t end = stop ? stop - mask : width;
        if (*start) {
            memset(sweep->alive + x, 1, (size_t)(end - x));
            for (Py_ssize_t c = x; c < end; c++)
                sweep->site[c] = y, square[c] = 0;
        } else
            sweep_gap(sweep, y, x, end);
        x = end;
    }
}

#define MAX_REACH 450 /* 2 x 15^2, of a Gaussian of 31 x 31 */
#define MAX_SPAN 21   /* the root of that */

/* The pixels around one, ordered by squared distance, then by column, then by row: the order in which
 * SciPy's distance_transform_edt breaks ties. */
typedef struct {
    uint16_t reach;               /* largest squared distance */
    int span;                     /* its root, rounded down */
    int16_t first[MAX_REACH + 2]; /* of a squared distance; the next one's ends it */
    int8_t down[(2 * MAX_SPAN + 1) * (2 * MAX_SPAN + 1)], across[(2 * MAX_SPAN + 1) * (2 * MAX_SPAN + 1)];
    int32_t *at, *from; /* background pixels within reach, and the salient pixel nearest to each */
    Py_ssize_t room, count;
} Near;

static void order_around(Near *near)
{
    int count = 0, span = 0;
    while ((span + 1) * (span + 1) <= near->reach)
        span++;
    near->span = span;
    for (int squared = 0; squared <= near->reach; squared++) {
        near->first[squared] = (int16_t)count;
        for (int x = -span; x <= span; x++)
            for (int y = -span; y <= span && x * x <= squared; y++)
                if (x * x + y * y == squared)
                    near->down[count] = (int8_t)y, near->across[count++] = (int8_t)x;
    }
    near->first[near->reach + 1] = (int16_t)count;
}

INLINE Py_ssize_t find_nearest(const Near *near, const uint8_t *mask, Size size, Py_ssize_t y, Py_ssize_t x,
                               int squared)
{
    int span = near->span;
    int inside = y >= span && y < size.height - span && x >= span && x < size.width - span;
    for (int i = near->first[squared]; i < near->first[squared + 1]; i++) {
        Py_ssize_t row = y + near->down[i], column = x + near->across[i];
        if (!inside && (row < 0 || row >= size.height || column < 0 || column >= size.width))
            continue;
        if (mask[row * size.width + column])
            return row * size.width + column;
    }
    return -1; /* does not happen */
}

INLINE int is_near(const Near *near, uint16_t square)
{
    return (uint16_t)(square - 1) < near->reach; /* 0 is the object itself, and wraps around */
}

INLINE int any_near(const Near *near, const uint16_t *square)
{
    int any = 0;
    for (int i = 0; i < BLOCK; i++)
        any |= is_near(near, square[i]);
    return any;
}

/* Takes one row that both sweeps have seen, while it is at hand. */
WIDE static void list_near(Near *near, const uint8_t *mask, Size size, const uint16_t *square, Py_ssize_t y)
{
    for (Py_ssize_t x = 0; x < size.width; x++) {
        if (x % BLOCK == 0 && x + BLOCK <= size.width && !any_near(near, square + x)) {
            x += BLOCK - 1;
            continue;
        }
        if (!is_near(near, square[x]))
            continue;
        if (near->count < near->room) {
            near->at[near->count] = (int32_t)(y * size.width + x);
            near->from[near->count] = (int32_t)find_nearest(near, mask, size, y, x, square[x]);
        }
        near->count++;
    }
}

/* 0, or -1 when memory is short. */
static int sweep_both_ways(const uint8_t *mask, Size size, uint16_t limit, uint16_t *square, Near *near)
{
    size_t width = (size_t)size.width;
    int64_t *vertices = malloc(2 * (width + 2) * sizeof *vertices);
    int32_t *site = malloc(width * sizeof *site);
    uint8_t *alive = calloc(width, 1);
    int enough = vertices && site && alive;
    if (enough) {
        Sweep sweep = {size, limit, square, site, alive, vertices, vertices + width + 2, 0};
        for (Py_ssize_t i = 0; i < size.height * size.width; i++)
            square[i] = limit;
        for (Py_ssize_t y = 0; y < size.height; y++)
            sweep_row(&sweep, mask + y * size.width, (int32_t)y);
        memset(alive, 0, width);
        for (Py_ssize_t y = size.height - 1; y >= 0; y--) {
            sweep_row(&sweep, mask + y * size.width, (int32_t)y);
            list_near(near, mask, size, square + y * size.width, y);
        }
    }
    free(vertices);
    free(site);
    free(alive);
    return enough ? 0 : -1;
}

/* ---- joint_histogram ----------------------------------------------------------------------------- */

/* Counts of one row's stretch into four copies of [mask][level], so that equal neighbours do not wait
 * for each other; a run of eight equal pixels, most of a saliency map, counts at once. */
static void count_stretch(const uint8_t *map, const uint8_t *mask, Py_ssize_t length,
                          uint32_t copies[4][2 * LEVELS])
{
    const uint64_t ones = 0x0101010101010101u;
    Py_ssize_t x = 0;
    for (; x + 8 <= length; x += 8) {
        uint64_t levels = load8(map + x), marks = load8(mask + x);
        if (levels == (levels & 255) * ones && (marks == 0 || marks == ones)) {
            copies[0][(marks & 1) * LEVELS + (levels & 255)] += 8;
            continue;
        }
        for (int i = 0; i < 8; i++)
            copies[i & 3][mask[x + i] * LEVELS + map[x + i]]++;
    }
    for (; x < length; x++)
        copies[x & 3][mask[x] * LEVELS + map[x]]++;
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

/* ---- weighted_errors ----------------------------------------------------------------------------- */

typedef struct {
    const uint8_t *map, *mask;
    Size size;
    uint8_t top;    /* the level of a perfect salient pixel */
    uint8_t bottom; /* the level of a perfect background pixel */
    double unit;    /* the error of one level */
} Map;

/* Sum over the background of error x weight, which follows from the squared distance to the object and
 * is 0 on it. */
static double background_error(const Map *map, const uint16_t *square, const double *weight_of)
{
    Py_ssize_t x = 0, count = map->size.height * map->size.width;
    uint8_t bottom = map->bottom;
    double lane[LANES] = {0};
    for (; x + LANES <= count; x += LANES)
        for (int i = 0; i < LANES; i++)
            lane[i] += (double)(uint8_t)(map->map[x + i] - bottom) * weight_of[square[x + i]];
    for (; x < count; x++)
        lane[0] += (double)(uint8_t)(map->map[x] - bottom) * weight_of[square[x]];
    return add_lanes(lane) * map->unit;
}

typedef struct {
    Py_ssize_t top, left, height, width; /* the mask's bounding box */
    Py_ssize_t radius;                   /* of the Gaussian */
    const double *tap;                   /* its centre and one side, radius + 1 of them */
} Window;

/* One row of the Gaussian-smoothed error: down the columns, then along the row. `error` points at the
 * first pixel, inside a frame of `radius`. */
INLINE void smooth(const uint8_t *error, Py_ssize_t stride, Py_ssize_t length, const double *tap,
                          const int radius, double *column, double *smoothed)
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

/* Adds min(error, smoothed error) of one row's salient pixels. */
WIDE static void add_row(const uint8_t *error, const uint8_t *mask, const double *smooth, Py_ssize_t width,
                         double lane[LANES])
{
    Py_ssize_t x = 0;
    for (; x + LANES <= width; x += LANES)
        for (int i = 0; i < LANES; i++) {
            double own = error[x + i], around = smooth[x + i];
            double least = around < own ? around : own;
            lane[i] += mask[x + i] ? least : 0.0;
        }
    for (; x < width; x++)
        if (mask[x])
            lane[0] += smooth[x] < error[x] ? smooth[x] : error[x];
}

/* The error in levels, inside a frame of zeros; near the object each background pixel shows the error
 * of its nearest salient pixel. */
static void write_errors(const Map *map, const Window *window, const int32_t *near_at,
                         const int32_t *near_from, Py_ssize_t near_count, uint8_t *error, Py_ssize_t stride)
{
    Py_ssize_t radius = window->radius, width = map->size.width;
    Py_ssize_t top = window->top - radius, left = window->left - radius;
    for (Py_ssize_t y = 0; y < window->height; y++) {
        const uint8_t *from = map->map + (window->top + y) * width + window->left;
        uint8_t *to = error + (y + radius) * stride + radius;
        for (Py_ssize_t x = 0; x < window->width; x++)
            to[x] = (uint8_t)(map->top - from[x]);
    }
    Py_ssize_t y = 0, row_end = 0;
    for (Py_ssize_t i = 0; i < near_count; i++) { /* ordered by row, so the division is rare */
        if (near_at[i] >= row_end || near_at[i] < row_end - width) {
            y = near_at[i] / width;
            row_end = (y + 1) * width;
        }
        Py_ssize_t down = y - top, across = near_at[i] - y * width - left;
        if (down >= 0 && down < window->height + 2 * radius && across >= 0 && across < stride)
            error[down * stride + across] = (uint8_t)(map->top - map->map[near_from[i]]);
    }
}

/* First and one past the last salient pixel of a row that has an error; equal where there is none: of a
 * pixel without error the smaller of the two is none. */
static void find_errors(const uint8_t *error, const uint8_t *mask, Py_ssize_t *first, Py_ssize_t *last)
{
    while (*first < *last && !(error[*first] && mask[*first]))
        ++*first;
    while (*first < *last && !(error[*last - 1] && mask[*last - 1]))
        --*last;
}

/* Sum over the salient pixels of min(error, smoothed error); -1 when memory is short. */
static double foreground_error(const Map *map, const Window *window, const int32_t *near_at,
                               const int32_t *near_from, Py_ssize_t near_count)
{
    Py_ssize_t radius = window->radius, stride = window->width + 2 * radius;
    uint8_t *error = calloc((size_t)(stride * (window->height + 2 * radius)), 1);
    double *rows = malloc((size_t)(stride + window->width) * sizeof *rows);
    double lane[LANES] = {0};
    if (error && rows) {
        write_errors(map, window, near_at, near_from, near_count, error, stride);
        for (Py_ssize_t y = 0; y < window->height; y++) {
            const uint8_t *row = error + (y + radius) * stride + radius;
            const uint8_t *mask = map->mask + (window->top + y) * map->size.width + window->left;
            Py_ssize_t first = 0, last = window->width;
            find_errors(row, mask, &first, &last);
            if (first == last)
                continue;
            smooth_row(row + first, stride, last - first, window->tap, (int)radius, rows, rows + stride);
            add_row(row + first, mask + first, rows + stride, last - first, lane);
        }
    }
    double sum = error && rows ? add_lanes(lane) * map->unit : -1;
    free(error);
    free(rows);
    return sum;
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

static int sized(Size size)
{
    if (size.height > 0 && size.width > 0 && size.height <= INT32_MAX / size.width)
        return 1;
    PyErr_Format(PyExc_ValueError, "an image of %zd x %zd pixels; expected 1 to 2^31 - 1 in all", size.height,
                 size.width);
    return 0;
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
    if (sized(size) && holds(&mask, size.height * size.width, 1, "mask")) {
        column = calloc((size_t)size.width, sizeof *column);
        if (column)
            sums = sum_moments(mask.buf, size, column);
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
    Size size;
    int limit, reach, failed = 0;
    if (!PyArg_ParseTuple(args, "y*nniiw*w*w*", &mask, &size.height, &size.width, &limit, &reach, &square,
                          &near_at, &near_from))
        return NULL;
    Py_ssize_t pixels = size.height * size.width, room = near_at.len / (Py_ssize_t)sizeof(int32_t);
    Near near = {.at = near_at.buf, .from = near_from.buf, .room = room};
    if (sized(size) && holds(&mask, pixels, 1, "mask") && holds(&square, pixels, sizeof(uint16_t), "square") &&
        holds(&near_from, room, sizeof(int32_t), "near_from")) {
        if (limit < 1 || limit > UINT16_MAX || reach < 0 || reach > MAX_REACH)
            PyErr_SetString(PyExc_ValueError, "the limit or the reach is out of range");
        else {
            near.reach = (uint16_t)reach;
            order_around(&near);
            Py_BEGIN_ALLOW_THREADS
            failed = sweep_both_ways(mask.buf, size, (uint16_t)limit, square.buf, &near);
            Py_END_ALLOW_THREADS
        }
    }
    PyBuffer_Release(&mask);
    PyBuffer_Release(&square);
    PyBuffer_Release(&near_at);
    PyBuffer_Release(&near_from);
    if (failed)
        return PyErr_NoMemory();
    return PyErr_Occurred() ? NULL : PyLong_FromSsize_t(near.count);
}

static PyObject *joint_histogram(PyObject *self, PyObject *args)
{
    (void)self;
    Py_buffer map, mask, histogram;
    Size size;
    Py_ssize_t cut_y, cut_x;
    if (!PyArg_ParseTuple(args, "y*y*nnnnw*", &map, &mask, &size.height, &size.width, &cut_y, &cut_x,
                          &histogram))
        return NULL;
    if (sized(size) && holds(&map, size.height * size.width, 1, "map") &&
        holds(&mask, size.height * size.width, 1, "mask") &&
        holds(&histogram, 8 * LEVELS, sizeof(uint32_t), "histogram")) {
        if (cut_y < 0 || cut_y > size.height || cut_x < 0 || cut_x > size.width)
            PyErr_SetString(PyExc_ValueError, "the cut lies outside the image");
        else {
            Py_BEGIN_ALLOW_THREADS
            count_quadrants(map.buf, mask.buf, size, cut_y, cut_x, histogram.buf);
            Py_END_ALLOW_THREADS
        }
    }
    PyBuffer_Release(&map);
    PyBuffer_Release(&mask);
    PyBuffer_Release(&histogram);
    if (PyErr_Occurred())
        return NULL;
    return Py_NewRef(Py_None);
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
    Py_ssize_t pixels = of.size.height * of.size.width;
    Py_ssize_t near_count = near_at.len / (Py_ssize_t)sizeof(int32_t);
    if (sized(of.size) && holds(&map, pixels, 1, "map") && holds(&mask, pixels, 1, "mask") &&
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
            background = background_error(&of, square.buf, weight_of.buf);
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

static PyMethodDef methods[] = {
    {"mask_moments", mask_moments, METH_VARARGS, NULL},
    {"distance_field", distance_field, METH_VARARGS, NULL},
    {"joint_histogram", joint_histogram, METH_VARARGS, NULL},
    {"weighted_errors", weighted_errors, METH_VARARGS, NULL},
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
