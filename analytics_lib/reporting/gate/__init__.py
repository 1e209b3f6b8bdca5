"""The release gate: policy, rules and verdict. On by default for everything published."""
