"""Proof of what was published: the audit log, verification, reproduction, comparison."""
