"""`python -m analytics_lib.cli`, for where the command is not on the path."""

from analytics_lib.cli.app import main

main()
