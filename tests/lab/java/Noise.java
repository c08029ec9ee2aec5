import java.io.PrintStream;
import java.util.Random;

/**
 * What applications print between the lines of a debug log, on standard output: server log lines, JSON, stack traces,
 * pieces without an end, and texts that look a little like TLS debug output and are none.
 */
final class Noise implements Runnable {
    private final Random random;
    private final int pause;
    private final PrintStream out;
    private volatile boolean stopped;

    /** About every {@code pause} milliseconds something is printed. */
    Noise(long seed, int pause, PrintStream out) {
        random = new Random(seed);
        this.pause = pause;
        this.out = out;
    }

    void stop() {
        stopped = true;
    }

    @Override
    public void run() {
        for (int n = 0; !stopped; n++) {
            print(n);
            try {
                Thread.sleep(1 + random.nextInt(2 * pause));
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void print(int n) {
        switch (random.nextInt(8)) {
            case 0:
                out.print("no newline at the end of this piece; ");
                break;
            case 1:
                out.println("{\"timestamp\":\"2026-11-23T07:25:55.648Z\",\"level\":\"INFO\",\"alert\":\"handshake_failure\",\"n\":" + n + "}");
                break;
            case 2:
                new IllegalStateException("order " + n + " | state | unknown").printStackTrace(out);
                break;
            case 3:
                out.println("2026-11-23 07:25:55 UTC [ISS.0028.0005I] Loading acme" + n + " package (pub.ldap:init)");
                break;
            case 4:
                out.print("[ISP.0090.0004C] <doc id=\"" + n + "\">");
                out.println("</doc>");
                break;
            case 5:
                out.println("Partner says: (handshake_failure) could not connect, will try again | " + n);
                break;
            case 6:
                out.println("Größe der Bestellung: " + n + " Stück, geprüft");
                break;
            default:
                // an empty line would tear another writer's line without a trace
                out.println("heartbeat " + n);
                break;
        }
    }
}
