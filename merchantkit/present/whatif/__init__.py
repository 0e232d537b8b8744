"""What-if widgets for a consultation: sliders over a merchant's real numbers."""

from merchantkit.present.whatif.campaign import CampaignWhatIf
from merchantkit.present.whatif.rfq import RfqWhatIf
from merchantkit.present.whatif.tariff import TariffWhatIf

__all__ = ["CampaignWhatIf", "RfqWhatIf", "TariffWhatIf"]
