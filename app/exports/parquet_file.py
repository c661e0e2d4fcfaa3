"""Parquet, for R, Python and databases: typed columns that say what they mean, in groups of rows."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROWS = 8_192  # of a group: what is held in memory
Dictionary = Sequence[Mapping[str, str]]  # of each column its name, title, type, unit and so on


def write_parquet(
    path: Path, dictionary: Dictionary, pages: Iterable[Sequence[Sequence[Any]]], about: Mapping[str, str]
) -> None:
    """Write the rows; fields have their meaning as metadata, and the file whose it is."""
    import pyarrow  # here, for it is large and the web never needs it
    from pyarrow import parquet

    schema = _schema(pyarrow, dictionary).with_metadata({"openrem": json.dumps(about, ensure_ascii=False)})
    # A file of ours is closed, and says what is wrong with it, where one of pyarrow's own is left open.
    with path.open("wb") as file, parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        batches, rows = [], 0
        for page in pages:
            columns = list(zip(*page, strict=True))
            arrays = [pyarrow.array(cells, field.type) for cells, field in zip(columns, schema, strict=True)]
            batches.append(pyarrow.RecordBatch.from_arrays(arrays, schema=schema))
            rows += len(page)
            if rows >= ROWS:
                writer.write_table(pyarrow.Table.from_batches(batches, schema))
                batches, rows = [], 0
        writer.write_table(pyarrow.Table.from_batches(batches, schema))


def _schema(pyarrow: Any, dictionary: Dictionary) -> Any:
    types = {
        "text": pyarrow.string(),
        "JSON": pyarrow.string(),
        "number": pyarrow.float64(),
        "integer": pyarrow.int64(),
        "yes or no": pyarrow.bool_(),
        "date": pyarrow.date32(),
        "time": pyarrow.time64("us"),
        "date and time": pyarrow.timestamp("us"),
        "list of numbers": pyarrow.list_(pyarrow.float64()),
        "list of texts": pyarrow.list_(pyarrow.string()),
    }
    return pyarrow.schema(
        [
            pyarrow.field(one["name"], types[one["type"]], metadata={key: value for key, value in one.items() if value})
            for one in dictionary
        ]
    )
