"""What apps import from ``ondevice.privacy``."""

from .auditor import audit
from .checks import CHECKS
from .findings import Fact, Finding, Plot, Section, Table
from .page_seal import PageSeal, seal_of, verify_page
from .report import Report, report_from_json, report_to_json, verify_report
from .system import System

__all__ = [
    "CHECKS",
    "Fact",
    "Finding",
    "PageSeal",
    "Plot",
    "Report",
    "Section",
    "System",
    "Table",
    "audit",
    "report_from_json",
    "report_to_json",
    "seal_of",
    "verify_page",
    "verify_report",
]
