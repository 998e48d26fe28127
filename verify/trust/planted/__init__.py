"""Instances whose answers are known beforehand."""
