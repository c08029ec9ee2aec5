import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** The folder in which the ends of a session meet: ports by name, the notes, and the sign to stop. */
final class Notebook {
    private static final long PAUSE = 20;

    private final Path folder;
    private final Path notes;
    private final long deadline;

    /** {@code notes} is the file of this JVM within the folder; {@code seconds} is how long anything may take. */
    Notebook(Path folder, String notes, int seconds) {
        this.folder = folder;
        this.notes = folder.resolve(notes);
        deadline = System.currentTimeMillis() + 1000L * seconds;
    }

    synchronized void add(Note note) {
        try {
            byte[] line = (note.json() + "\n").getBytes(StandardCharsets.UTF_8);
            Files.write(notes, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes a port known; others never see half a file. */
    void publish(String name, int port) throws IOException {
        Path written = folder.resolve(name + ".tmp");
        Files.write(written, Integer.toString(port).getBytes(StandardCharsets.US_ASCII));
        Files.move(written, folder.resolve(name + ".port"), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Returns a port as soon as it is known. */
    int port(String name) throws IOException, InterruptedException {
        Path file = folder.resolve(name + ".port");
        await(file);
        return Integer.parseInt(new String(Files.readAllBytes(file), StandardCharsets.US_ASCII));
    }

    /** Waits until a file is there, or the time is over. */
    void await(Path file) throws IOException, InterruptedException {
        while (!Files.exists(file)) {
            if (System.currentTimeMillis() > deadline) {
                throw new IOException("waited in vain for " + file);
            }
            Thread.sleep(PAUSE);
        }
    }

    /** Tells that the clients of this JVM have made all their connections. */
    void done() throws IOException {
        Files.createFile(folder.resolve(notes.getFileName() + ".done"));
    }

    /** Returns how often this JVM has been launched, this time included. */
    int launched() throws IOException {
        int launch = 1;
        while (true) {
            Path mark = folder.resolve(notes.getFileName() + ".launch" + launch);
            if (!Files.exists(mark)) {
                Files.createFile(mark);
                return launch;
            }
            launch++;
        }
    }

    /** Waits until servers are no longer needed. */
    void awaitStop() throws IOException, InterruptedException {
        await(folder.resolve("stop"));
    }
}
