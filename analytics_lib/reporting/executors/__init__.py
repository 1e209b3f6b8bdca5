"""Where notebooks are executed: worker processes of this machine, or an existing Dask cluster.

Publishing stays on the machine that asked, whichever it is: one lock, one
audit log, one rename.
"""
