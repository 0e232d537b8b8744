"""Smart tariff (智慧税则)."""
