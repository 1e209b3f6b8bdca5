"""Reports by people who do not code: a page that a parameters file describes."""
