"""The Grafana dashboards as code: one file a dashboard, exported to deploy/grafana/ by `./dev dashboards`.

Only panel types and options that the SDK's typed builders offer; a query for nothing that no worker exports.
"""
