from agent.delivery.receiver import Receiver


def test_a_receiver_does_not_show_its_url() -> None:
    """Neither the URL nor the way to it is in what a log line would show."""
    receiver = Receiver("ops", "generic", lambda: "https://example.com/s3cret")
    assert repr(receiver) == "Receiver(name='ops', format='generic')"
