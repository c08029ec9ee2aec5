import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;

/** A call by HttpsURLConnection. */
final class Https {
    private final Step step;
    private final SSLContext context;
    private final int port;
    private final Notebook notebook;

    Https(Step step, SSLContext context, int port, Notebook notebook) {
        this.step = step;
        this.context = context;
        this.port = port;
        this.notebook = notebook;
    }

    void make() {
        Note note = new Note(step.name(), "client");
        note.begin();
        int completed = 0;
        try {
            URL url = new URL("https://" + step.text("host", "localhost") + ":" + port + "/invoke/acme.orders:status");
            HttpsURLConnection call = (HttpsURLConnection) url.openConnection();
            call.setSSLSocketFactory(context.getSocketFactory());
            call.setConnectTimeout(5000);
            call.setReadTimeout(5000);
            call.connect();
            note.agree();
            completed = 1;
            try (InputStream in = call.getInputStream()) {
                while (in.read() >= 0) {
                    continue;
                }
            }
        } catch (IOException e) {
            note.trouble(e);
        } finally {
            note.end(completed);
            notebook.add(note);
        }
    }
}
