"""The letters that the demo's faxes are made of: invented people, no real document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_HARBOURLIGHT = "Harbourlight Dental\nAttention: Dr. Priya Raman"


@dataclass(frozen=True, slots=True)
class Letter:
    """One page."""

    sender: str
    address: str
    day: str
    to: str
    about: str
    texts: tuple[str, ...]
    signed: str
    rows: tuple[tuple[str, ...], ...] = ()


LETTERS: Final = (
    Letter(
        "Riverside Orthodontics", "220 Riverside Drive, Suite 4, Ottawa ON · +1 613 555 0146",
        "November 20, 2026", _HARBOURLIGHT, "Re: referral for R. Bellamy",
        ("Dear Dr. Raman,", "Thank you for seeing this patient. We are planning fixed appliances for"
         " the upper arch and would like the following completed before we begin:",
         "1. Restoration of the upper left second premolar, mesial surface",
         "2. Cleaning and fluoride varnish", "3. A current panoramic image, sent to us with your"
         " report", "The family prefers mornings and can come to either of your offices."),
        "Dr. Leopold Varga, orthodontist",
    ),
    Letter(
        "Riverside Orthodontics", "220 Riverside Drive, Suite 4, Ottawa ON · +1 613 555 0146",
        "November 20, 2026", _HARBOURLIGHT, "Chart notes (page 2 of 2)",
        ("Patient of record since 2023. No known allergies.",), "Signed consent attached.",
        (("Date", "Tooth", "Note"), ("2026-03-04", "25", "Mesial shadow, watch"),
         ("2026-07-16", "25", "Sensitive to cold"), ("2026-11-12", "25", "Restoration advised")),
    ),
    Letter(
        "Sunrise Group Benefits", "Claims, PO Box 555, Toronto ON · +1 416 555 0108",
        "November 18, 2026", _HARBOURLIGHT, "Claim 55-0174: more information needed",
        ("We received your claim and need the items marked below to go on.",),
        "Please answer by fax within 21 days.",
        (("Item", "Needed"), ("Dated radiograph", "yes"), ("Narrative of treatment", "yes"),
         ("Signature of the member", "no")),
    ),
    Letter(
        "Capital Denture Lab", "18 Foundry Lane, Ottawa ON · +1 613 555 0190",
        "November 16, 2026", _HARBOURLIGHT, "Work order 5512: try-in ready",
        ("The try-in is ready and leaves with tomorrow's courier. Shade A2, as written on your slip.",
         "Return it with the bite registration by Thursday and we finish for the 27th."),
        "The bench, Capital Denture Lab",
    ),
    Letter(
        "Ottawa Imaging Centre", "75 Beacon Street, Ottawa ON · +1 613 555 0151",
        "November 11, 2026", _HARBOURLIGHT, "Report: panoramic image",
        ("Clinical question: third molars before orthodontic treatment.",
         "Findings: four third molars present, lower left mesioangular. No periapical change. Sinuses"
         " clear.", "Impression: lower left third molar to be watched."),
        "Reported by Dr. A. Lindgren",
    ),
    Letter(
        "Harbourlight Dental", "310 Harbour Street, Ottawa ON · +1 613 555 0142",
        "November 21, 2026", "Riverside Orthodontics\nAttention: Dr. Leopold Varga",
        "Re: your referral of R. Bellamy",
        ("Dear Dr. Varga,", "The restoration is done and the cleaning is booked for Tuesday. The"
         " panoramic image follows with this fax.", "Please call if you would like the file itself."),
        "Dr. Priya Raman",
    ),
    Letter(
        "Harbourlight Dental", "310 Harbour Street, Ottawa ON · +1 613 555 0142",
        "November 19, 2026", "Sunrise Group Benefits\nClaims", "Claim 55-0174: narrative",
        ("Treatment was necessary because of recurrent decay under an older restoration. The"
         " radiograph of November 4 shows it plainly.",), "Dr. Priya Raman",
        (("Tooth", "Surface", "Fee"), ("25", "mesial, occlusal", "184.00"),
         ("16", "occlusal", "126.00")),
    ),
)  # fmt: skip
