"""What the SDK is made of: models and packages, whether they are what was published, and a bill of materials."""

from ondevice.privacy.supply_chain.bill import sbom
from ondevice.privacy.supply_chain.section import check

__all__ = ["check", "sbom"]
