"""Piecewise-linear networks: values, cells, crossings and regions, exactly."""
