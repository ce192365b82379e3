"""The vendor "csv": orders from files, CSV or Parquet, posted as if the shop had sent them live."""

from kizuna.connect.csv.guess import FORMATS, Guess, Head, guess, head_of
from kizuna.connect.csv.jobs import IN_BYTES, KIND, REJECTS, ask, handler
from kizuna.connect.csv.mapping import Mapping, MappingInvalid, parse_mapping
from kizuna.connect.csv.preview import Preview, RowRead, preview
from kizuna.connect.csv.rejects import Phrase, Reject
from kizuna.connect.csv.service import import_orders
from kizuna.connect.csv.summary import FileRead, Phase, Progress, Summary

__all__ = [
    "FORMATS",
    "IN_BYTES",
    "KIND",
    "REJECTS",
    "FileRead",
    "Guess",
    "Head",
    "Mapping",
    "MappingInvalid",
    "Phase",
    "Phrase",
    "Preview",
    "Progress",
    "Reject",
    "RowRead",
    "Summary",
    "ask",
    "guess",
    "handler",
    "head_of",
    "import_orders",
    "parse_mapping",
    "preview",
]
