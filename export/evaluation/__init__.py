"""Measuring many users of a data set on several processes or machines."""
