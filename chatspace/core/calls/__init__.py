"""A request to a model: ledger, retries, limits, recipes, fit, continuation, budgets, usage, prices."""
