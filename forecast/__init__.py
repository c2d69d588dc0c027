"""AI compute in China under dated export-control regimes: a forecast with its working shown."""
