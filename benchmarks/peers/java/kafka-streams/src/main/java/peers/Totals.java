package peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * Count, sum and last time per customer. Arguments: brokers, topic, application id, folder, memory or rocksdb,
 * processing guarantee, threads. Runs until it is killed.
 */
public final class Totals {
  record Order(String customer, long minor, String at) {}

  record Total(long count, long sum, String last) {
    Total plus(Order order) {
      return new Total(count + 1, sum + order.minor, order.at.compareTo(last) > 0 ? order.at : last);
    }
  }

  static final Serializer<Total> WRITE =
      (topic, total) -> {
        if (total == null) return null;
        byte[] last = total.last.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(16 + last.length).putLong(total.count).putLong(total.sum).put(last).array();
      };

  static final Deserializer<Total> READ =
      (topic, bytes) -> {
        if (bytes == null) return null;
        ByteBuffer numbers = ByteBuffer.wrap(bytes);
        String last = new String(bytes, 16, bytes.length - 16, StandardCharsets.US_ASCII);
        return new Total(numbers.getLong(), numbers.getLong(), last);
      };

  private Totals() {}

  public static void main(String[] arguments) {
    Properties properties = new Properties();
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, arguments[2]);
    properties.put(StreamsConfig.STATE_DIR_CONFIG, arguments[3]);
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, arguments[5]);
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, arguments[6]);
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "1000");
    properties.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, "1"); // there is one broker
    properties.put("auto.offset.reset", "earliest");

    var store =
        arguments[4].equals("memory")
            ? Stores.inMemoryKeyValueStore("totals")
            : Stores.persistentKeyValueStore("totals");
    Materialized<String, Total, KeyValueStore<Bytes, byte[]>> totals = Materialized.as(store);
    Serde<Total> serde = Serdes.serdeFrom(WRITE, READ);
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(arguments[1], Consumed.with(Serdes.String(), Serdes.ByteArray()))
        .mapValues(Totals::order)
        .groupByKey(Grouped.with(Serdes.String(), null)) // keyed by customer already: nothing is sent anew
        .aggregate(
            () -> new Total(0, 0, ""),
            (customer, order, total) -> total.plus(order),
            totals.withKeySerde(Serdes.String()).withValueSerde(serde));
    KafkaStreams streams = new KafkaStreams(builder.build(), properties);
    streams.setUncaughtExceptionHandler(
        error -> {
          error.printStackTrace();
          Runtime.getRuntime().halt(1);
          return null;
        });
    streams.start();
  }

  private static Order order(byte[] value) {
    try {
      return Orders.read(value, Order::new);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }
}
