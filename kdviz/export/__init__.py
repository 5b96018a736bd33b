"""The lab without a kernel: one page, or a site of lessons. Nothing here trains."""
