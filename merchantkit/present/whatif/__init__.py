"""What-if widgets for a consultation: sliders over a merchant's real numbers."""

from merchantkit.present.whatif.campaign import CampaignWhatIf
from merchantkit.present.whatif.rfq import RfqWhatIf

__all__ = ["CampaignWhatIf", "RfqWhatIf"]
