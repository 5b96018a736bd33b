"""What every panel shares in the browser, and what joins it into one module."""
