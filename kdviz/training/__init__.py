"""The cohort: networks trained in lockstep as one batched program. It knows no page."""
