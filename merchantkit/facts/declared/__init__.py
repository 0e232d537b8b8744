"""What exports print: the tables of facts, declared once, one module per corner of the business."""
