package peers;

import java.io.File;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;

/**
 * Count, sum and last time per customer. Arguments: brokers, topic, group, folder, hashmap or rocksdb,
 * parallelism. Prints COUNTED and a number at each completed checkpoint: as many events are in it, and a restart
 * would begin behind them. Runs until it is killed.
 */
public final class Totals {
  /** Events in the last completed checkpoint, by subtask. */
  private static final Map<Integer, Long> DURABLE = new ConcurrentHashMap<>();

  private Totals() {}

  /** Customer, minor units and time as a tuple, which Flink serializes with the least effort. */
  public static final class Decode implements DeserializationSchema<Tuple3<String, Long, String>> {
    @Override
    public Tuple3<String, Long, String> deserialize(byte[] value) throws IOException {
      return Orders.read(value, Tuple3::of);
    }

    @Override
    public boolean isEndOfStream(Tuple3<String, Long, String> order) {
      return false;
    }

    @Override
    public TypeInformation<Tuple3<String, Long, String>> getProducedType() {
      return Types.TUPLE(Types.STRING, Types.LONG, Types.STRING);
    }
  }

  public static final class Add extends KeyedProcessFunction<String, Tuple3<String, Long, String>, Long>
      implements CheckpointedFunction, CheckpointListener {
    private transient ValueState<Tuple3<Long, Long, String>> totals;
    private transient Map<Long, Long> inCheckpoint;
    private transient long added;

    @Override
    public void initializeState(FunctionInitializationContext context) {
      inCheckpoint = new HashMap<>();
    }

    @Override
    public void open(OpenContext context) {
      TypeInformation<Tuple3<Long, Long, String>> type = Types.TUPLE(Types.LONG, Types.LONG, Types.STRING);
      totals = getRuntimeContext().getState(new ValueStateDescriptor<>("totals", type));
    }

    @Override
    public void processElement(Tuple3<String, Long, String> order, Context context, Collector<Long> out)
        throws Exception {
      Tuple3<Long, Long, String> total = totals.value();
      if (total == null) total = Tuple3.of(0L, 0L, "");
      total.f0++;
      total.f1 += order.f1;
      if (order.f2.compareTo(total.f2) > 0) total.f2 = order.f2;
      totals.update(total);
      added++;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {
      inCheckpoint.put(context.getCheckpointId(), added);
    }

    @Override
    public void notifyCheckpointComplete(long id) {
      Long events = inCheckpoint.remove(id);
      if (events == null) return;
      DURABLE.put(getRuntimeContext().getTaskInfo().getIndexOfThisSubtask(), events);
      System.out.println("COUNTED " + DURABLE.values().stream().mapToLong(Long::longValue).sum());
    }
  }

  public static void main(String[] arguments) throws Exception {
    File folder = new File(arguments[3]).getAbsoluteFile();
    Configuration configuration = new Configuration();
    configuration.setString("state.backend.type", arguments[4]);
    configuration.setString("execution.checkpointing.interval", "1 s");
    configuration.setString("execution.checkpointing.storage", "filesystem");
    configuration.setString("execution.checkpointing.dir", new File(folder, "checkpoints").toURI().toString());
    configuration.setString("execution.checkpointing.incremental", "true"); // RocksDB: only what changed
    configuration.setString("taskmanager.memory.managed.size", "512m"); // RocksDB's; a local one would get 128
    configuration.setString("io.tmp.dirs", folder.getPath());
    configuration.setString("pipeline.object-reuse", "true");
    configuration.setString("restart-strategy.type", "none"); // a failure ends the run
    var environment =
        StreamExecutionEnvironment.createLocalEnvironment(Integer.parseInt(arguments[5]), configuration);
    var source =
        KafkaSource.<Tuple3<String, Long, String>>builder()
            .setBootstrapServers(arguments[0])
            .setTopics(arguments[1])
            .setGroupId(arguments[2])
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setDeserializer(KafkaRecordDeserializationSchema.valueOnly(new Decode()))
            .build();
    environment
        .fromSource(source, WatermarkStrategy.noWatermarks(), "orders")
        .keyBy(order -> order.f0, Types.STRING)
        .process(new Add())
        .uid("totals")
        .sinkTo(new DiscardingSink<>());
    environment.execute("totals");
    Runtime.getRuntime().halt(1); // the stream has no end
  }
}
