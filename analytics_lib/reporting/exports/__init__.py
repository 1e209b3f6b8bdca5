"""The numbers of a page as files beside it: CSV, Excel, PDF."""
