"""``python -m cellview``: the same as the command ``cellview``."""

from cellview.app.start import main

if __name__ == "__main__":
    main()
