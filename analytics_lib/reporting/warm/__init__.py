"""The warm engine: libraries are loaded once, and every report is a fork of that process.

`press` starts and ends the warm processes, `zygote` is the one that forks,
`child` what a fork becomes, `renderer` the one that draws, `kernels` how
Jupyter is told, and `engine` how papermill is.
"""
