"""The job ``sample``: questions in, completions out; the quickest look at what a model says."""
