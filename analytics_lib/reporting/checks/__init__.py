"""Checks on the results of a page, and the alerts that come of them."""
