import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Plays the handshakes of a plan: opens all its servers, makes the connections of its clients wave by wave, and notes of
 * every connection what its own end saw. Which JVM holds which end is the plan's business.
 *
 * <p>Arguments: the plan, the folder of certificates, the folder to meet in, the name of the notes, seconds at most.
 */
public final class Lab {
    private Lab() {}

    public static void main(String[] args) throws Exception {
        int seconds = Integer.parseInt(args[4]);
        Notebook notebook = new Notebook(Paths.get(args[2]), args[3], seconds);
        stopAfter(seconds + 5);
        int code = 0;
        try {
            play(Step.read(Paths.get(args[0])), new Contexts(Paths.get(args[1])), notebook);
        } catch (Throwable e) {
            e.printStackTrace(System.out);
            code = 3;
        }
        System.exit(code);
    }

    private static void play(List<Step> steps, Contexts contexts, Notebook notebook) throws Exception {
        Threads threads = new Threads();
        ExecutorService delegates = Executors.newFixedThreadPool(4);
        ExecutorService acceptors = Executors.newCachedThreadPool();
        Ends ends = new Ends(delegates);
        List<Server> servers = new ArrayList<>();
        Map<String, List<Client>> waves = new LinkedHashMap<>();
        Map<String, Integer> crashes = new HashMap<>();
        List<Noise> noises = new ArrayList<>();
        int launch = notebook.launched();
        for (Step step : steps) {
            if (step.number("launch", 1) != launch) {
                continue;
            }
            if (step.is("role", "server")) {
                Server server = new Server(step, contexts.of(step), ends, threads, notebook);
                server.open(acceptors);
                servers.add(server);
            } else if (step.is("role", "client")) {
                Client client = new Client(step, contexts.of(step), ends, threads, notebook);
                waves.computeIfAbsent(step.text("wave", step.name()), name -> new ArrayList<>()).add(client);
            } else if (step.is("role", "crash")) {
                crashes.put(step.text("wave", ""), step.number("after", 0));
            } else {
                Noise noise = new Noise(step.number("seed", 0), step.number("pause", 50), System.out);
                acceptors.execute(noise);
                noises.add(noise);
            }
        }
        for (Map.Entry<String, List<Client>> wave : waves.entrySet()) {
            if (crashes.containsKey(wave.getKey())) {
                dieAfter(crashes.get(wave.getKey()));
            }
            List<Future<?>> running = new ArrayList<>();
            for (Client client : wave.getValue()) {
                running.addAll(client.start());
            }
            for (Future<?> future : running) {
                future.get();
            }
        }
        notebook.done();
        if (!servers.isEmpty()) {
            notebook.awaitStop();
        }
        for (Server server : servers) {
            server.close();
        }
        threads.finish();
        for (Noise noise : noises) {
            noise.stop();
        }
    }

    /** Ends the JVM as a crash does, whatever goes on; the wrapper launches another one. */
    private static void dieAfter(int milliseconds) {
        Thread end = new Thread(() -> {
            try {
                Thread.sleep(milliseconds);
            } catch (InterruptedException e) {
                return;
            }
            Runtime.getRuntime().halt(7);
        });
        end.setDaemon(true);
        end.start();
    }

    /** Nothing here may outlive its time, whatever hangs. */
    private static void stopAfter(int seconds) {
        Thread guard = new Thread(() -> {
            try {
                Thread.sleep(1000L * seconds);
            } catch (InterruptedException e) {
                return;
            }
            Runtime.getRuntime().halt(4);
        });
        guard.setDaemon(true);
        guard.start();
    }
}
