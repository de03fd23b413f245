"""Rollup counts in, arrays out: what the charts show, without a chart."""
