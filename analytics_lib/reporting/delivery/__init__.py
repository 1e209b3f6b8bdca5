"""Delivery of published pages to stakeholders, and of notices to owners."""
