"""`brandpulse notify`: run a worker that posts alerts to a webhook."""

import typer

from stream.commands.options import Brokers, Host, LogFormat, Port, TopicPrefix


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("notify")(notify)


def notify(
    brokers: Brokers = None,
    topic_prefix: TopicPrefix = None,
    host: Host = None,
    port: Port = None,
    log_format: LogFormat = None,
) -> None:
    """Post alerts to a webhook: topic brand-alerts in, messages as Slack takes them out.

    The webhook is what BRANDPULSE_WEBHOOK_URL or the file in BRANDPULSE_WEBHOOK_URL_FILE names (a secret, and
    so no option). Messages link to the dashboard at BRANDPULSE_PUBLIC_URL. A new group begins with the alerts
    of from now on. Each update of an alert is posted at most once; one worker is enough. Health is on
    /healthz and /readyz, metrics are on /metrics of HOST:PORT.

    Example: BRANDPULSE_WEBHOOK_URL=https://hooks.example.com/services/secret brandpulse notify
    """
    from functools import partial

    from stream.logs import configure
    from stream.notify.agent import work
    from stream.notify.webhook import dashboard_url, webhook_url
    from stream.process import run_process
    from stream.settings import load_settings

    settings = load_settings(
        brokers=brokers, topic_prefix=topic_prefix, host=host, port=port, log_format=log_format
    )
    configure(settings)
    run_process(settings, "notify", partial(work, webhook_url(settings), dashboard_url(settings)))
