#!/usr/bin/env escript
%% Serves TLS with Erlang's own library, one server for each line of its input: `IP PORT FILE`, where
%% FILE has the options of `ssl:listen` as an Erlang list.
-mode(compile).

main([]) ->
    {ok, _} = application:ensure_all_started(ssl),
    serve(io:get_line("")).

serve(eof) -> ok;
serve(Line) ->
    [Ip, Port, File] = string:lexemes(Line, " \n"),
    {ok, Address} = inet:parse_address(Ip),
    {ok, Options} = file:script(File),
    Listening = [binary, {active, false}, {reuseaddr, true}, {ip, Address}, {packet, line}],
    {ok, Listener} = ssl:listen(list_to_integer(Port), Listening ++ Options),
    spawn(fun() -> accept(Listener) end),
    serve(io:get_line("")).

accept(Listener) ->
    {ok, Socket} = ssl:transport_accept(Listener),
    Pid = spawn(fun() -> receive go -> answer(Socket) end end),
    ok = ssl:controlling_process(Socket, Pid),
    Pid ! go,
    accept(Listener).

answer(Socket) ->
    case ssl:handshake(Socket) of
        {ok, Connection} -> read(Connection);
        {error, _} -> ok
    end.

read(Connection) ->
    case ssl:recv(Connection, 0) of
        {ok, <<"\r\n">>} ->
            ssl:send(Connection, <<"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n">>),
            ssl:close(Connection);
        {ok, _} -> read(Connection);
        {error, _} -> ssl:close(Connection)
    end.
