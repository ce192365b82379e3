"""The vendor "csv": orders from files, CSV or Parquet, posted as if the shop had sent them live."""

from kizuna.connect.csv.mapping import Mapping, MappingInvalid, parse_mapping
from kizuna.connect.csv.service import import_orders
from kizuna.connect.csv.summary import FileRead, Phase, Progress, Summary

__all__ = ["FileRead", "Mapping", "MappingInvalid", "Phase", "Progress", "Summary", "import_orders", "parse_mapping"]
