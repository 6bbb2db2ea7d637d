"""What is wrong with a run, in plain words, with numbers to prove it and a fix that can be tried."""

from pippin.lazy import lazily

_HOMES = {
    "Case": "pippin.diagnosis.case",
    "Diagnosis": "pippin.diagnosis.door",
    "Finding": "pippin.diagnosis.finding",
    "Fix": "pippin.diagnosis.finding",
    "RULES": "pippin.diagnosis.rules",
    "Trial": "pippin.diagnosis.trial",
    "Twin": "pippin.diagnosis.twin",
    "diagnose": "pippin.diagnosis.door",
}

__getattr__, __dir__ = lazily(__name__, _HOMES)
