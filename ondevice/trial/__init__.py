"""Bundles are tried before they are used, in a process that may die of them."""

from ondevice.trial.bundles import install_bundle, roll_back_bundle, trial
from ondevice.trial.frozen import freeze_support

__all__ = ["freeze_support", "install_bundle", "roll_back_bundle", "trial"]
