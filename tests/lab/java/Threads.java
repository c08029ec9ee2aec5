import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Runs conversations on pooled threads under the names that servers give them, or on virtual threads. */
final class Threads {
    private final ExecutorService pool = Executors.newCachedThreadPool();

    /** The thread is called by the step's {@code thread}; {@code named} is used where it has none. */
    Future<?> run(Step step, String named, Runnable work) {
        if (step.has("virtual")) {
            return virtual(work);
        }
        return pool.submit(() -> {
            Thread.currentThread().setName(step.text("thread", named));
            work.run();
        });
    }

    /** Java 21 and later; found by name since this is compiled for Java 8. */
    private static Future<?> virtual(Runnable work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Runnable both = () -> {
            try {
                work.run();
            } finally {
                done.complete(null);
            }
        };
        try {
            Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, both);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java has no virtual threads", e);
        }
        return done;
    }

    /** Takes no more work, and waits for what is running. */
    void finish() throws InterruptedException {
        pool.shutdown();
        pool.awaitTermination(10, TimeUnit.SECONDS);
    }
}
