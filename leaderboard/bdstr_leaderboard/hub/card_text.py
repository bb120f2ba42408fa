"""The prose of the three repositories' cards."""

SPACE = """
# {name} leaderboard

{figures:,} figures of {methods:,} methods, each with its source and its convention. Those of two conventions
are never ranked together.

- The figures as a table: [{results}](https://huggingface.co/datasets/{results})
- Where models hand in scores: [{benchmarks}](https://huggingface.co/datasets/{benchmarks})

Pages and tables are made by `bdstr push leaderboard {space}` and under the MIT licence; the figures are facts
of the sources that each names.
"""

RESULTS = """
# {name}: figures

Every figure of the [leaderboard](https://huggingface.co/spaces/{space}), a row each.

```python
from datasets import load_dataset

figures = load_dataset("{results}", split="{split}")
```

- `value`, `low` and `high` are 0 to 1; the last two are a 95 % interval over images, where there is one.
- `printed` is what the source calls the measure, `source_url` and `source_place` are where it stands.
- Compare figures of one `benchmark`, `measure` and `convention` only; of the convention `{unstated}`, only
  within one source.
- `suspect` says why a figure may be misprinted.
- `value`, `low` and `high` have three decimals, never more.
- Where `checked` is false, what is said of a method is not verified: general knowledge where the source is
  silent.
- `origin` is who measured:
{origins}

The figures are facts of the sources that each row names. Their arrangement is under the MIT licence.
"""

BENCHMARKS = """
# {name}: benchmarks

The benchmarks that sodeval knows: how many images they have, the fingerprint of their masks, where their
authors publish them. No image and no mask is in here.

`{eval_yaml}` makes a task of every benchmark and measure, such as `duts-te_mae`, so that the Hub can gather
what models report in `.eval_results`. A model's scores get there by

```
bdstr push model RUN ORG/MODEL --report REPORT --benchmarks {benchmarks}
```

Published and measured figures stand on the [leaderboard](https://huggingface.co/spaces/{space}).
"""
