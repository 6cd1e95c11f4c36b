"""`python -m p2pdm` is `p2pdm`."""

from __future__ import annotations

import sys

from p2pdm.cli import main

sys.exit(main())
