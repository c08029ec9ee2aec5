import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/** What one end of one connection saw of it. Times are milliseconds since 1970. */
final class Note {
    private final String step;
    private final String role;
    private final Set<Long> helpers = new ConcurrentSkipListSet<>();
    private String thread;
    private long threadId;
    private long began;
    private long agreed;
    private long ended;
    private int completed;
    private Throwable trouble;

    Note(String step, String role) {
        this.step = step;
        this.role = role;
    }

    /** Called on the connection's own thread, before its first byte. */
    void begin() {
        thread = Thread.currentThread().getName();
        threadId = Thread.currentThread().getId();
        began = System.currentTimeMillis();
    }

    /** Another thread did some of the work. */
    void helper(long id) {
        helpers.add(id);
    }

    /** The first handshake is complete, as far as this end can tell. */
    void agree() {
        agreed = System.currentTimeMillis();
    }

    /** Only the first trouble counts: what follows comes of it. */
    void trouble(Throwable seen) {
        if (trouble == null) {
            trouble = seen;
        }
    }

    void end(int handshakes) {
        completed = handshakes;
        ended = System.currentTimeMillis();
    }

    /** One JSON object; {@code agreed} is 0 if there was no handshake, {@code trouble} lists the causes, outermost first. */
    String json() {
        StringBuilder text = new StringBuilder("{");
        text.append("\"step\":").append(quoted(step)).append(",\"role\":").append(quoted(role));
        text.append(",\"thread\":").append(quoted(thread)).append(",\"threads\":[").append(threadId);
        for (long id : helpers) {
            if (id != threadId) {
                text.append(',').append(id);
            }
        }
        text.append("],\"helped\":").append(!helpers.isEmpty());
        text.append(",\"began\":").append(began).append(",\"agreed\":").append(agreed);
        text.append(",\"ended\":").append(ended).append(",\"completed\":").append(completed).append(",\"trouble\":[");
        String separator = "";
        for (Throwable cause = trouble; cause != null; cause = cause.getCause()) {
            text.append(separator).append(quoted(cause.toString()));
            separator = ",";
        }
        return text.append("]}").toString();
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
