"""`python -m pippin` is the command `pippin`."""

import sys

from pippin.cli.main import main

sys.exit(main())
