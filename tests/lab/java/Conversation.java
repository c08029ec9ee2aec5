import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Plays one end of one connection: the handshake, what the step does after it, and the note of how it went. */
final class Conversation {
    private static final String REQUEST = "POST /invoke/acme.orders:receive HTTP/1.1\r\nHost: is.acme.example\r\n"
            + "Authorization: Basic c2VjcmV0OnNlY3JldA==\r\nContent-Length: 11\r\n\r\n{\"order\":7}";
    private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n"
            + "Connection: close\r\n\r\n{\"ok\":true}";

    private final Step step;
    private final Notebook notebook;
    private final Note note;

    Conversation(Step step, Notebook notebook) {
        this.step = step;
        this.notebook = notebook;
        note = new Note(step.name(), step.text("role", ""));
    }

    Note note() {
        return note;
    }

    /** Makes the connection; what goes wrong on the way belongs to the conversation. */
    interface Opening {
        Tls open() throws Exception;
    }

    void hold(Opening opening) {
        Tls tls = null;
        note.begin();
        try {
            tls = opening.open();
            tls.handshake();
            note.agree();
            for (String action : step.list("then")) {
                act(tls, action);
            }
        } catch (Throwable e) {
            note.trouble(e);
            application(e);
        } finally {
            leave(tls);
            note.end(tls == null ? 0 : tls.completed());
            notebook.add(note);
        }
    }

    private void act(Tls tls, String action) throws IOException, InterruptedException {
        switch (action) {
            case "ask":
                tls.write(REQUEST.getBytes(StandardCharsets.US_ASCII));
                readAll(tls);
                break;
            case "answer":
                tls.read(new byte[4096]);
                tls.write(ANSWER.getBytes(StandardCharsets.US_ASCII));
                break;
            case "write":
                tls.write(REQUEST.getBytes(StandardCharsets.US_ASCII));
                break;
            case "read":
                tls.read(new byte[4096]);
                break;
            case "listen":
                readAll(tls);
                break;
            case "renegotiate":
                tls.renegotiate();
                break;
            case "demand":
                tls.demandCertificate();
                break;
            case "pause":
                Thread.sleep(300);
                break;
            case "reset":
                tls.reset();
                break;
            default:
                throw new IllegalArgumentException(action);
        }
    }

    private static void readAll(Tls tls) throws IOException {
        byte[] data = new byte[4096];
        while (tls.read(data) >= 0) {
            continue;
        }
    }

    /** Prints a failure as an application does, if the step wants that. */
    private void application(Throwable e) {
        if (step.has("prints")) {
            System.out.println("[ISC.0076.0001E] com.wm.app.b2b.server.ServiceException: " + e);
            e.printStackTrace(System.out);
        }
    }

    private static void leave(Tls tls) {
        if (tls == null) {
            return;
        }
        try {
            tls.close();
        } catch (IOException alreadyGone) {
            return;
        }
    }
}
