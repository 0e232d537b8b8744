"""The programmes on the team's page: a table of merchants each, or a few sentences."""
